#pragma once

#include <quicket/bytes.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>

namespace quicket::relay {

// RegistrationKey is the key of a registration's schedule of connection IDs: 16 to 32 bytes, held by value.
// 32 bytes are an Ed25519 public key, whose holder proves to own it; fewer are a bearer key, valid by possession.
class RegistrationKey {
 public:
  static constexpr std::size_t kMinLength = 16, kProvenLength = 32;

  // from copies `bytes`; nullopt for another length.
  static std::optional<RegistrationKey> from(ByteView bytes) noexcept {
    if (bytes.size() < kMinLength || bytes.size() > kProvenLength) return std::nullopt;
    RegistrationKey key;
    std::ranges::copy(bytes, key.bytes_.begin());
    key.length_ = static_cast<std::uint8_t>(bytes.size());
    return key;
  }

  ByteView bytes() const noexcept { return {bytes_.data(), length_}; }
  bool is_bearer() const noexcept { return length_ < kProvenLength; }

  friend auto operator<=>(const RegistrationKey&, const RegistrationKey&) = default;

 private:
  RegistrationKey() = default;

  std::array<std::byte, kProvenLength> bytes_{};  // unused tail stays zero, so that comparison is memberwise
  std::uint8_t length_ = 0;
};

// SessionId is the capability that both peers of a session present.
using SessionId = std::array<std::byte, 16>;

}  // namespace quicket::relay
