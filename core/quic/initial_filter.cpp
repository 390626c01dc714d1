#include "core/quic/initial_filter.hpp"

#include "core/quic/initial.hpp"
#include "core/quic/initial_frames.hpp"

#include <algorithm>

namespace quicket::quic {

namespace {

constexpr std::byte kServerHello{2};  // TLS handshake type (RFC 8446 section 4)

bool starts_with_server_hello(const CryptoData& crypto) {
  return crypto.offset == 0 && !crypto.data.empty() && crypto.data.front() == kServerHello;
}

}  // namespace

FrozenVerdict judge_while_frozen(ByteView datagram, const FrozenDial& dial) {
  const auto header = parse_initial_header(datagram);
  if (!header || header->destination != dial.first_id || header->token_size != 0) return FrozenVerdict::kOther;
  const auto packet = unprotect_initial(datagram, dial.original_id, Role::kServer);
  if (!packet || packet->has_reserved_bits()) return FrozenVerdict::kOther;
  const auto frames = scan_initial_frames(packet->frames());
  if (!frames) return FrozenVerdict::kOther;
  if (frames->has_close) return FrozenVerdict::kRefusal;  // its source ID is whatever the refusing side made up

  const bool from_peer = header->source.length() == dial.peer_length && header->source.belongs_to_peer();
  const bool answers = std::ranges::any_of(frames->crypto, starts_with_server_hello);
  return from_peer && answers ? FrozenVerdict::kFeed : FrozenVerdict::kOther;
}

}  // namespace quicket::quic
