#pragma once

#include <quicket/bytes.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace quicket {

// ConnectionId is a QUIC connection ID (RFC 9000 section 5.1): 0 to 20 bytes, held by value.
// Thread safety: as for an int.
class ConnectionId {
 public:
  static constexpr std::size_t kMaxLength = 20;
  static constexpr std::size_t kDefaultLength = 12;  // what peers have, and relays forward by

  ConnectionId() = default;

  // from copies `bytes`; nullopt when there are more than kMaxLength.
  static std::optional<ConnectionId> from(ByteView bytes) noexcept {
    if (bytes.size() > kMaxLength) return std::nullopt;
    ConnectionId id;
    std::ranges::copy(bytes, id.bytes_.begin());
    id.length_ = static_cast<std::uint8_t>(bytes.size());
    return id;
  }

  ByteView bytes() const noexcept { return {bytes_.data(), length_}; }
  std::size_t length() const noexcept { return length_; }

  // belongs_to_peer tells a peer's ID from one that HTTP/3 uses: its top bit is clear.
  bool belongs_to_peer() const noexcept { return length_ > 0 && (bytes_[0] & std::byte{0x80}) == std::byte{0}; }

  // hex is for tests and traces: whole IDs never go into a log.
  std::string hex() const;

  friend auto operator<=>(const ConnectionId&, const ConnectionId&) = default;

 private:
  std::array<std::byte, kMaxLength> bytes_{};  // unused tail stays zero, so that comparison is memberwise
  std::uint8_t length_ = 0;
};

// ConnectionIdHash is SipHash-2-4 under a random key: peers choose connection IDs, so an unkeyed hash could be
// attacked.
class ConnectionIdHash {
 public:
  // ConnectionIdHash draws a fresh key.
  ConnectionIdHash();
  std::size_t operator()(const ConnectionId& id) const noexcept;

 private:
  std::array<std::uint8_t, 16> key_;
};

}  // namespace quicket
