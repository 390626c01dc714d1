#pragma once

#include <quicket/bytes.hpp>

#include "relay/table/routes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quicket::relay {

// DropReason says why a datagram went nowhere. All but the last three are decide()'s.
enum class DropReason : std::uint8_t {
  kEmpty,
  kFixedBit,      // not QUIC version 1; STUN ends here
  kTooShort,      // no QUIC packet with a connection ID of our length is that short
  kMalformed,     // a long header that ends early, or has an ID of more than 20 bytes
  kUnknownShort,  // a peer's packet for nobody
  kUnknownLong,   // the same, or a waiting dialer's retransmission
  kNotAdmitted,   // not from the session's other party
  kToItself,      // the route leads back to where it came from
  kRateLimited,   // over the rate of a registration without a session
  kHoldFull,      // held flights are at their bound
  kHoldEnded,     // held, but its source was not admitted in time
};
constexpr std::size_t kDropReasons = 11;

// Verdict is what becomes of one datagram.
struct Verdict {
  enum class Kind : std::uint8_t {
    kDrop,     // for `reason`; it is never answered
    kForward,  // to `route`, unchanged; after its rate limit, when the gate is open
    kHold,     // for `route`, until its session's other party is there
    kHttp3,    // it is the relay's own
  };
  Kind kind = Kind::kDrop;
  DropReason reason = DropReason::kEmpty;  // kDrop only
  const Route* route = nullptr;            // kForward and kHold: borrowed from the routes
  std::optional<RegistrationId> heard;     // whose sign of life it is, unless its rate limit stops it
};

// kShortestPacket is the least size of a QUIC packet with a destination ID of our length, in bytes: first byte, ID, and
// the 20 that header protection needs (RFC 9001 section 5.4.2).
constexpr std::size_t kShortestPacket = 1 + ConnectionId::kDefaultLength + 20;

// decide says where a datagram from `from` goes (docs/protocol.md "Which packet goes where"). It reads the first
// packet's header, as every plane does: coalesced packets share their destination ID (RFC 9000 section 12.2). Total:
// any bytes are fine.
Verdict decide(const Routes& routes, ByteView datagram, const Address& from) noexcept;

// is_alike tells whether decide() says the same of two datagrams from one place: packets with a short header and the
// same destination ID, as long as the routes stay as they are.
bool is_alike(ByteView one, ByteView other) noexcept;

}  // namespace quicket::relay
