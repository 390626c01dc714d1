#pragma once

#include <quicket/error.hpp>
#include <quicket/peer_id.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

// TrustedPeer is a name for a key, given by this device's owner.
struct TrustedPeer {
  std::string name;  // 1 to 64 of A-Z a-z 0-9 . _ -; not starting with "qk1" (in any case), '-' or '.'
  PeerId id;
};

// TrustStore holds the peers that may connect, like ssh's known_hosts: names to keys, one name a key and one key a
// name. A value; the file is read and written by load() and save().
class TrustStore {
 public:
  static constexpr std::size_t kMaxPeers = 10'000;

  // parse reads lines "NAME PEER-ID"; '#' starts a comment. Errors: kTrustMalformed. `bad_line` then gets its number,
  // from 1.
  static Result<TrustStore> parse(std::string_view text, std::size_t* bad_line = nullptr);
  // load reads a file of at most 4 MiB (else kTooLarge); none at all is an empty store.
  static Result<TrustStore> load(const std::filesystem::path& file, std::size_t* bad_line = nullptr);
  // save writes atomically, mode 0600.
  Result<void> save(const std::filesystem::path& file) const;
  std::string to_text() const;

  // check says, in a sentence for people, why add() would refuse. Errors: errc::invalid_argument (name), kNameTaken
  // (name or key is there with another partner), kOutOfResources (full).
  Outcome<> check(std::string_view name, const PeerId& id) const;
  // add gives a key its name. Errors: those of check(). Adding the same pair again has no effect.
  Result<void> add(std::string_view name, const PeerId& id);
  // remove forgets a peer by name or text id. Errors: kPeerUnknown.
  Result<void> remove(std::string_view name_or_id);

  // is_name: TrustedPeer::name may be this.
  static bool is_name(std::string_view name);
  std::optional<PeerId> find(std::string_view name) const;
  std::optional<std::string> name_of(const PeerId& id) const;
  bool trusts(const PeerId& id) const { return name_of(id).has_value(); }
  const std::vector<TrustedPeer>& peers() const noexcept { return peers_; }

 private:
  std::vector<TrustedPeer> peers_;  // by name
};

// add_trusted and remove_trusted change the store in `file` under a lock, so that two processes lose nothing of each
// other's.
Result<void> add_trusted(const std::filesystem::path& file, std::string_view name, const PeerId& id);
Result<void> remove_trusted(const std::filesystem::path& file, std::string_view name_or_id);

}  // namespace quicket
