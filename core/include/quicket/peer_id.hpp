#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace quicket {

// PeerId names a device by its Ed25519 public key. A value.
// Text: Bech32m (BIP 350) with prefix "qk" over version byte 1 and the key, e.g. "qk1q8ksgzvk...": a mistyped letter is
// noticed.
class PeerId {
 public:
  using Key = std::array<std::byte, 32>;

  PeerId() = default;
  explicit PeerId(const Key& key) : key_(key) {}

  // parse reads the text form, in lower or upper case but not mixed. Errors: kPeerIdMalformed.
  static Result<PeerId> parse(std::string_view text);
  // from_key takes 32 bytes. Errors: kPeerIdMalformed for another length.
  static Result<PeerId> from_key(ByteView key);

  const Key& key() const noexcept { return key_; }
  std::string to_string() const;
  // short_string is for messages: the first eleven characters and an ellipsis.
  std::string short_string() const;

  friend auto operator<=>(const PeerId&, const PeerId&) = default;

 private:
  Key key_{};
};

}  // namespace quicket
