#include "core/offer/seal.hpp"
#include "core/quic/initial.hpp"
#include "core/quic/initial_frames.hpp"
#include "tests/core/quic/initial_builder.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {
namespace {

using quic::octets_of;

// What an accepter refuses, it refuses before anything leaves the machine, and remembers nothing of it.
class SimEnemyOffers : public ::testing::Test {
 protected:
  SimEnemyOffers() {
    Call& dial = alice.dial(bob, 15min, OfferKind::kOpen);
    EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
    honest = open_offer(*dial.offer(), Identity::generate(), {}).value().offer;
    dial.cancel();
    world.network.drop = [this](std::uint64_t, DeviceId from, const AddressPair&, ByteView) {
      if (from == bob.id()) ++sent;
      return false;
    };
  }

  transports::AcceptRules rules(bool allow_unsealed = false) const {
    return {.trusted = {friendly.id()}, .allow_unsealed = allow_unsealed, .options = {.protocols = {"sim/1"}}};
  }

  Bytes sealed(Offer offer, const Identity& from) const {
    offer.peer.reset();
    offer.secret.clear();
    return Sealer::create(from, bob.peer_id()).value().seal(offer).value();
  }
  Bytes open(Offer offer, const PeerId& from) const {
    offer.peer = from;
    return write_unsealed(offer, OfferKind::kOpen).value();
  }

  // refusal gives the offer to bob and lets him think it over.
  error_code refusal(ByteView offer, const transports::AcceptRules& chosen) {
    const auto taken = bob.node().accept(offer, chosen, world.now(), world.wall_clock());
    world.touch(bob);
    return taken ? error_code() : taken.error().code;
  }
  // has_kept_still holds when bob has neither sent nor kept anything, and does not in the next minute.
  bool has_kept_still() {
    world.run_for(1min);
    return sent == 0 && bob.node().host().links() == 0 &&
           std::ranges::none_of(bob.node().relays(), [](const auto& r) { return r->is_connected() || !r->is_idle(); });
  }

  // longer_hello makes the ClientHello in the flight's first datagram promise more than there is.
  Bytes longer_hello() const {
    const Bytes& datagram = honest.flight.front();
    const ConnectionId keys = quic::parse_initial_header(datagram)->destination;
    quic::InitialPacket packet = quic::unprotect_initial(datagram, keys, quic::Role::kClient).value();
    const quic::CryptoData hello = quic::scan_initial_frames(packet.frames()).value().crypto.front();
    EXPECT_EQ(hello.offset, 0u);
    const auto at = static_cast<std::size_t>(hello.data.data() - packet.bytes.data());
    packet.bytes[at + 2] = std::byte{0xff};  // of 24 bits of length
    return quic::protect_initial(packet.bytes, keys, quic::Role::kClient).value();
  }
  // more_hello is a datagram of the flight with CRYPTO data from an offset on.
  Bytes more_hello(std::size_t offset, std::uint8_t number) const {
    constexpr std::size_t kData = 1100;
    const auto header = quic::parse_initial_header(honest.flight.front());
    Bytes frames{std::byte{6}, std::byte(0x80), std::byte(offset >> 16), std::byte(offset >> 8), std::byte(offset)};
    quic::append(frames, octets_of({0x40 | kData >> 8, kData & 0xff}));
    frames.resize(frames.size() + 1160);  // data and PADDING
    return quic::protect_initial(quic::unprotected_initial({.destination = header->destination,
                                                            .source = header->source,
                                                            .frames = std::move(frames),
                                                            .number = number}),
                                 header->destination, quic::Role::kClient)
        .value();
  }

  World world{seed()};
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kNone, {.relays = {&relay}});
  Identity friendly = Identity::generate(), stranger = Identity::generate();
  Offer honest;
  std::uint64_t sent = 0;  // datagrams by bob
};

TEST_F(SimEnemyOffers, AreMadeOfAnHonestOneThatIsTaken) {
  EXPECT_EQ(refusal(sealed(honest, friendly), rules()), error_code());
  EXPECT_FALSE(has_kept_still());
}

TEST_F(SimEnemyOffers, UnsealedAreRefusedUnlessTheOwnerAllowsThem) {
  EXPECT_EQ(refusal(open(honest, friendly.id()), rules()), Errc::kOfferUnsealed);
  Offer pairing = honest;
  pairing.secret.resize(kPairingSecret);
  EXPECT_EQ(refusal(write_unsealed(pairing, OfferKind::kPairing).value(), rules(true)), Errc::kOfferForPairing);
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, FromStrangersAreRefused) {
  EXPECT_EQ(refusal(sealed(honest, stranger), rules()), Errc::kPeerUnknown);
  EXPECT_EQ(refusal(open(honest, stranger.id()), rules(true)), Errc::kPeerUnknown);
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, ReplayedAreRefusedForAsLongAsTheyHold) {
  const Bytes offer = sealed(honest, friendly);
  ASSERT_EQ(refusal(offer, rules()), error_code());
  world.run_for(10min);
  ASSERT_TRUE(world.wall_clock() < honest.expires);
  sent = 0;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(refusal(offer, rules()), Errc::kOfferReplayed);
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, ForRelaysAtSpecialAddressesAreRefused) {
  for (const std::string_view address :
       {"127.0.0.1:443", "10.1.2.3:443", "172.16.0.1:443", "192.168.1.1:53", "100.64.0.1:443", "169.254.1.1:80",
        "[::1]:443", "[fe80::1]:443", "[fd00::1]:443", "[::ffff:10.1.2.3]:443"}) {
    Offer offer = honest;
    offer.relays.front().addresses = {Address::parse(address).value()};
    EXPECT_EQ(refusal(sealed(offer, friendly), rules()), Errc::kOfferRelayRefused) << address;
  }
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, WithAClientHelloThatNeverEndsAreRefused) {
  Offer half = honest, long_one = honest, with_hole = honest;
  half.flight = {longer_hello()};
  long_one.flight = with_hole.flight = half.flight;
  for (std::uint8_t i = 1; i < Offer::kMaxFlight; ++i) {
    long_one.flight.push_back(more_hello(200 + 1'000u * (i - 1), i));
    with_hole.flight.push_back(more_hello(std::size_t{1} << (i + 4), i));
  }
  for (const Offer& offer : {half, long_one, with_hole})
    EXPECT_EQ(refusal(sealed(offer, friendly), rules()), Errc::kOfferMalformed);
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, WithAnyByteChangedAreRefused) {
  const Bytes offer = sealed(honest, friendly);
  for (std::size_t at = 0; at < offer.size(); ++at) {
    Bytes damaged = offer;
    damaged[at] ^= std::byte(1 + world.random() % 255);
    EXPECT_NE(refusal(damaged, rules(true)), error_code()) << at;
  }
  EXPECT_TRUE(has_kept_still());
}

TEST_F(SimEnemyOffers, OfSixtyFourKibibytesOfAnythingAreRefused) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, kMaxOffer, kMaxOffer + 1}) {
    for (int kind = 0; kind < 5; ++kind) {
      for (int form = 0; form < 5; ++form) {
        Bytes offer(size);
        std::ranges::generate(offer, [&] { return form < 3 ? std::byte(world.random()) : std::byte(form); });
        const Bytes head = octets_of({1, kind, form});
        std::copy_n(head.begin(), std::min(head.size(), size), offer.begin());
        EXPECT_NE(refusal(offer, rules(true)), error_code());
      }
    }
  }
  EXPECT_TRUE(has_kept_still());
}

}  // namespace
}  // namespace quicket::sim
