#pragma once

#include <quicket/bytes.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>
#include <optional>

namespace quicket {

// HeaderForm tells the two shapes of a QUIC packet (RFC 8999).
enum class HeaderForm { kShort, kLong };

// LongType is the type of a QUIC version 1 long header (RFC 9000 section 17.2).
enum class LongType : std::uint8_t { kInitial = 0, kZeroRtt = 1, kHandshake = 2, kRetry = 3 };

// PacketHeader is what a datagram's first packet says without any key.
struct PacketHeader {
  HeaderForm form = HeaderForm::kShort;
  bool fixed_bit = false;
  std::uint32_t version = 0;          // long header only; 0 = Version Negotiation
  std::optional<LongType> long_type;  // long header of version 1 only
  ConnectionId destination;
  ConnectionId source;  // long header only
};

// parse_header reads the first packet's header. `short_length` is the length of a short header's destination ID, which
// the packet does not state. nullopt: too short, or an ID of more than 20 bytes. Total: any input is fine.
std::optional<PacketHeader> parse_header(ByteView datagram, std::size_t short_length) noexcept;

}  // namespace quicket
