// Offers. Input: a byte that says which kind, then the body as it is inside the compact form and the seal: so the
// fuzzer needs no key. What decodes encodes to an equal offer, and survives being sealed and opened.
#include "core/offer/seal.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <array>

namespace quicket {
namespace {

const Identity& dialer() {
  static const Identity identity = Identity::from_seed({std::byte{1}});
  return identity;
}

const Identity& accepter() {
  static const Identity identity = Identity::from_seed({std::byte{2}});
  return identity;
}

void check_bounds(const Offer& offer) {
  FUZZ_CHECK(!offer.relays.empty() && offer.relays.size() <= Offer::kMaxRelays);
  FUZZ_CHECK(!offer.flight.empty() && offer.flight.size() <= Offer::kMaxFlight);
  FUZZ_CHECK(offer.candidates.size() <= Offer::kMaxCandidates);
  for (const RelayHint& relay : offer.relays) {
    FUZZ_CHECK(!relay.addresses.empty() && relay.addresses.size() <= Offer::kMaxRelayAddresses);
    FUZZ_CHECK(relay.host.size() <= 253 && relay.peer_token.size() <= Offer::kMaxPeerToken);
  }
}

Result<Bytes> write(const Offer& offer, OfferKind kind) {
  if (kind != OfferKind::kSealed) return write_unsealed(offer, kind);
  static const Sealer prepared = Sealer::create(dialer(), accepter().id(), {std::byte{3}}).value();
  return Sealer(prepared).seal(offer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<OfferKind>(data[0] % 3);
  const auto offer = decode_body(byte_view(data + 1, size - 1), kind);
  if (!offer) return 0;
  check_bounds(*offer);
  const auto body = encode_body(*offer, kind);
  FUZZ_CHECK(body.has_value());
  FUZZ_CHECK(decode_body(*body, kind) == *offer);

  if ((data[0] & 0x80) == 0) return 0;  // what follows takes ten times as long
  const auto written = write(*offer, kind);
  FUZZ_CHECK(written.has_value());
  const auto opened = open_offer(*written, accepter(), std::array{dialer().id()});
  FUZZ_CHECK(opened && opened->kind == kind && opened->offer == *offer);
  FUZZ_CHECK(opened->sender == (kind == OfferKind::kSealed ? dialer().id() : *offer->peer));
  return 0;
}

}  // namespace quicket
