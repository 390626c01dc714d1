#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "core/cid/connection_id.hpp"
#include "core/quic/types.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace quicket::quic {

// Initial packets of QUIC version 1 are protected with keys that anyone can compute from the ID which the client chose
// for its first packet (RFC 9001 section 5.2). So an offer may carry them unprotected, and a dialer may look into an
// answer before its QUIC stack does.

constexpr std::size_t kAeadTag = 16;  // bytes

// InitialKeys protect one side's Initial packets.
struct InitialKeys {
  std::array<std::byte, 16> key{};
  std::array<std::byte, 12> iv{};
  std::array<std::byte, 16> header_key{};
};

// initial_keys derives what `sender` protects with. `original` is the destination ID of the client's first packet.
InitialKeys initial_keys(const ConnectionId& original, Role sender);

// InitialHeader is what an Initial packet says before its packet number (RFC 9000 section 17.2.2), protected or not.
struct InitialHeader {
  ConnectionId destination;
  ConnectionId source;
  std::size_t token_size = 0;
  std::size_t number_offset = 0;  // of the packet number, in bytes from the packet's start
  std::uint64_t length = 0;       // of packet number, frames and tag, in bytes: as the packet says, not checked
};

// parse_initial_header: nullopt when `packet` does not start with the header of a version 1 Initial. Total.
std::optional<InitialHeader> parse_initial_header(ByteView packet) noexcept;

// InitialPacket is a packet without its protection.
struct InitialPacket {
  InitialHeader header;
  std::size_t frames_offset = 0;
  std::uint32_t number = 0;  // as it stands in the packet: whole for every packet of a handshake's beginning
  Bytes bytes;               // header, packet number and frames; no tag

  ByteView frames() const noexcept { return ByteView(bytes).subspan(frames_offset); }
  // size is that of the protected packet, in bytes; a datagram may go on with other packets behind it.
  std::size_t size() const noexcept { return bytes.size() + kAeadTag; }
  // has_reserved_bits: set ones are a protocol violation (RFC 9000 section 17.2).
  bool has_reserved_bits() const noexcept { return (bytes[0] & std::byte{0x0c}) != std::byte{0}; }
};

// unprotect_initial opens the packet at the start of `datagram`. Total.
// Errors: kProtocolViolation (not a whole version 1 Initial packet), errc::bad_message (it does not decrypt).
Result<InitialPacket> unprotect_initial(ByteView datagram, const ConnectionId& original, Role sender);

// protect_initial is the inverse: `bytes` as in InitialPacket become the packet as sent, byte for byte.
// Errors: kProtocolViolation (no Initial packet, or its length field does not say bytes.size() and tag, or it is too
// short to protect).
Result<Bytes> protect_initial(ByteView bytes, const ConnectionId& original, Role sender);

}  // namespace quicket::quic
