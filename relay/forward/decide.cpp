#include "relay/forward/decide.hpp"

#include "core/cid/header.hpp"

#include <cstring>

namespace quicket::relay {

namespace {

constexpr std::byte kFixedBit{0x40};
constexpr std::byte kFormBits{0xc0};  // header form and fixed bit (RFC 9000 section 17.3.1)

Verdict drop(DropReason reason) noexcept { return {.kind = Verdict::Kind::kDrop, .reason = reason}; }

// admit applies the gate of the route that the destination ID names.
Verdict admit(const Routes& routes, const Route& route, const Address& from) noexcept {
  if (route.target.remote == from) return drop(DropReason::kToItself);
  switch (route.gate) {
    case Gate::kPartner:
      if (route.partner != from) return drop(DropReason::kNotAdmitted);
      return {.kind = Verdict::Kind::kForward, .route = &route, .heard = route.partner_id};
    case Gate::kWaiting:
      return {.kind = Verdict::Kind::kHold, .route = &route};
    case Gate::kOpen:
      break;
  }
  Verdict verdict{.kind = Verdict::Kind::kForward, .route = &route};
  if (const Route* sender = routes.open_route_to(from)) verdict.heard = sender->id;
  return verdict;
}

}  // namespace

bool is_alike(ByteView one, ByteView other) noexcept {
  if (one.size() < kShortestPacket || other.size() < kShortestPacket) return false;
  const bool are_short = (one[0] & kFormBits) == kFixedBit && (other[0] & kFormBits) == kFixedBit;
  return are_short && std::memcmp(one.data() + 1, other.data() + 1, ConnectionId::kDefaultLength) == 0;
}

Verdict decide(const Routes& routes, ByteView datagram, const Address& from) noexcept {
  if (datagram.empty()) return drop(DropReason::kEmpty);
  if ((datagram.front() & kFixedBit) == std::byte{0}) return drop(DropReason::kFixedBit);
  if (datagram.size() < kShortestPacket) return drop(DropReason::kTooShort);
  const auto header = parse_header(datagram, ConnectionId::kDefaultLength);
  if (!header) return drop(DropReason::kMalformed);

  if (const Route* route = routes.find(header->destination)) return admit(routes, *route, from);

  if (header->form == HeaderForm::kShort) {
    if (header->destination.belongs_to_peer()) return drop(DropReason::kUnknownShort);
    return {.kind = Verdict::Kind::kHttp3};
  }
  if (const Route* sender = routes.find(header->source)) {
    Verdict verdict = drop(DropReason::kUnknownLong);
    if (sender->target.remote == from) verdict.heard = sender->id;
    return verdict;
  }
  const bool peer_form = header->source.length() == ConnectionId::kDefaultLength && header->source.belongs_to_peer();
  if (peer_form && routes.holds_registration(from)) return drop(DropReason::kUnknownLong);
  return {.kind = Verdict::Kind::kHttp3};
}

}  // namespace quicket::relay
