// QUIC header classification: what the relay and the demultiplexers read of a datagram without keys, beside ngtcp2's
// reading of it, and where the relay sends it. Input: length of a short header's ID, who sent it, the datagram.
#include "core/cid/header.hpp"
#include "core/quic/initial.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/relay/forward/fixtures.hpp"

#include <ngtcp2/ngtcp2.h>

#include <array>

namespace quicket::relay {
namespace {

bool same(const ConnectionId& id, const std::uint8_t* data, std::size_t size) {
  return std::ranges::equal(id.bytes(), byte_view(data, size));
}

void check_header(ByteView datagram, std::size_t short_length) {
  ngtcp2_version_cid theirs{};
  if (datagram.empty()) return FUZZ_CHECK(!parse_header(datagram, short_length));
  const int code = ngtcp2_pkt_decode_version_cid(&theirs, octets(datagram), datagram.size(), short_length);
  const auto ours = parse_header(datagram, short_length);
  if (!ours) return FUZZ_CHECK(code != 0 || theirs.dcidlen > 20 || theirs.scidlen > 20);
  if (code != 0 && code != NGTCP2_ERR_VERSION_NEGOTIATION) return FUZZ_CHECK(ours->version > 1);  // under 1200 bytes
  FUZZ_CHECK(ours->version == theirs.version && same(ours->destination, theirs.dcid, theirs.dcidlen));
  FUZZ_CHECK(same(ours->source, theirs.scid, theirs.scidlen));
}

void check_initial(ByteView datagram) {
  ngtcp2_pkt_hd theirs{};
  const bool is_initial = datagram.size() > 4 && (datagram[0] & std::byte{0xf0}) == std::byte{0xc0} &&
                          std::ranges::equal(datagram.subspan(1, 4), Bytes{{}, {}, {}, std::byte{1}});
  const auto ours = quic::parse_initial_header(datagram);
  if (!is_initial) return FUZZ_CHECK(!ours);
  const ngtcp2_ssize read = ngtcp2_pkt_decode_hd_long(&theirs, octets(datagram), datagram.size());
  FUZZ_CHECK(ours.has_value() == (read > 0));
  if (!ours) return;
  FUZZ_CHECK(ours->number_offset == static_cast<std::size_t>(read) && ours->length == theirs.len);
  FUZZ_CHECK(ours->token_size == theirs.tokenlen && same(ours->source, theirs.scid.data, theirs.scid.datalen));
  FUZZ_CHECK(same(ours->destination, theirs.dcid.data, theirs.dcid.datalen));
}

void check_decision(ByteView datagram, const Address& from) {
  static RouteTable table(small_limits(), {});
  static const FixtureWorld world(table);
  const Verdict verdict = decide(table.routes(), datagram, from);
  if (verdict.heard) FUZZ_CHECK(table.routes().at(verdict.heard->slot)->target.remote == from);
  if (verdict.kind == Verdict::Kind::kDrop) return;
  FUZZ_CHECK(datagram.size() >= 33 && (datagram[0] & std::byte{0x40}) != std::byte{0});
  const ConnectionId to = parse_header(datagram, 12)->destination;
  if (verdict.kind == Verdict::Kind::kHttp3) return FUZZ_CHECK(table.routes().find(to) == nullptr);
  FUZZ_CHECK(verdict.route == table.routes().find(to) && verdict.route->target.remote != from);
  const bool is_partner = verdict.route->gate == Gate::kPartner;
  FUZZ_CHECK(verdict.kind != Verdict::Kind::kForward || !is_partner || verdict.route->partner == from);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using W = FixtureWorld;
  static const std::array<Address, 6> parties{W::kWaiterAt, W::kCallerAt,   W::kCalleeAt,
                                              W::kOpenAt,   W::kFriendlyAt, W::kStranger};
  if (size < 2) return 0;
  check_header(byte_view(data + 2, size - 2), data[0] % (ConnectionId::kMaxLength + 1));
  check_initial(byte_view(data + 2, size - 2));
  check_decision(byte_view(data + 2, size - 2), parties[data[1] % parties.size()]);
  return 0;
}

}  // namespace quicket::relay
