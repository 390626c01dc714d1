#include "tests/core/offer/sample.hpp"

#include "core/offer/flight.hpp"
#include "core/quic/connection.hpp"

#include <algorithm>

namespace quicket {

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return std::byte(static_cast<std::uint8_t>(random())); });
  return bytes;
}

Identity random_identity(Random& random) {
  Identity::Seed seed;
  std::ranges::copy(random_bytes(random, seed.size()), seed.begin());
  return Identity::from_seed(seed);
}

std::vector<Bytes> sample_flight(Random& random) {
  quic::Policy policy{.role = quic::Role::kClient,
                      .cids = Schedule::create(random_bytes(random, 32), Owner::kPeer).value()};
  policy.tls.own = quic::Credentials::from_ed25519(random_bytes(random, 32)).value();
  policy.tls.verify = [](const quic::PeerCertificate&) { return Result<void>(); };
  policy.tls.alpn = {"quicket/1"};
  policy.reset_secret = random_bytes(random, 32);
  const TimePoint now{std::chrono::hours(1)};
  const auto client = quic::Connection::connect(std::move(policy), quic::label_path(1), now).value();

  std::vector<Bytes> flight;
  Bytes buffer(kMaxFlightDatagram);
  while (const auto written = client->transmit(buffer, 1, now))
    flight.push_back(to_bytes(ByteView(buffer).first(written->size)));
  return flight;
}

Address random_v4(Random& random, std::uint16_t port) {
  Bytes ip = random_bytes(random, 4);
  ip[0] = std::byte{203};  // neither multicast nor unspecified
  return Address::from(ip, port).value();
}

Address random_v6(Random& random, std::uint16_t port) {
  Bytes ip = random_bytes(random, 16);
  ip[0] = std::byte{0x20};
  return Address::from(ip, port).value();
}

Offer sample_offer(Random& random, OfferKind kind, std::size_t relays) {
  Offer offer{.expires = kSampleTime + std::chrono::seconds(random() % 100'000), .flight = sample_flight(random)};
  for (std::size_t i = 0; i < relays; ++i) {
    RelayHint relay{.addresses = {random_v4(random, 443)}, .pin = RelayPin{}};
    std::ranges::copy(random_bytes(random, relay.pin->size()), relay.pin->begin());
    offer.relays.push_back(std::move(relay));
  }
  if (kind == OfferKind::kSealed) return offer;
  offer.peer = random_identity(random).id();
  offer.secret = random_bytes(random, kind == OfferKind::kOpen ? kOpenSecret : kPairingSecret);
  return offer;
}

}  // namespace quicket
