// Two who never met, by one offer that only the right one gets to see; and who else would like to be the right one.
#include "core/offer/seal.hpp"
#include "tests/sim/scene.hpp"

namespace quicket::sim {
namespace {

// Strangers are peers at one relay of whom nobody knows anybody.
struct Strangers {
  explicit Strangers(std::uint64_t seed) : world(seed) {}

  Call& pair(Duration patience = 10min) {
    Call& dial = alice.pair(patience);
    EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
    return dial;
  }
  Call& accept(Peer& peer, const Bytes& offer) { return *peer.accept(offer, peer.pairing_rules()).value(); }
  bool are_paired(const Call& dial, const Call& accepted, Duration limit = 10s) {
    return world.run_until([&] { return dial.connected() && accepted.connected(); }, limit);
  }

  World world;
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kSymmetric, {.relays = {&relay}});
  Peer& carol = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
};

TEST(SimPairing, TwoStrangersPairThroughARelayAndLearnEachOthersKeys) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  scene.world.run_for(5min);
  Call& accepted = scene.accept(scene.bob, *dial.offer());
  ASSERT_TRUE(scene.are_paired(dial, accepted));
  EXPECT_EQ(dial.peer_id(), scene.bob.peer_id());
  EXPECT_EQ(accepted.peer_id(), scene.alice.peer_id());
}

TEST(SimPairing, WhoHavePairedCallOneAnotherBySealedOffersEitherWay) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  ASSERT_TRUE(scene.are_paired(dial, scene.accept(scene.bob, *dial.offer())));
  dial.close();
  scene.world.introduce(scene.alice, scene.bob);
  for (const auto& [from, to] : {std::pair(&scene.alice, &scene.bob), std::pair(&scene.bob, &scene.alice)}) {
    Call& later = from->dial(*to);
    ASSERT_TRUE(scene.world.run_until([&] { return later.offer().has_value(); }, 5s));
    EXPECT_EQ(offer_kind(*later.offer()).value(), OfferKind::kSealed);
    EXPECT_TRUE(scene.are_paired(later, **to->accept(*later.offer())));
  }
}

TEST(SimPairing, LosingAnyOneDatagramAfterTheOfferStillPairs) {
  const std::uint64_t chosen = seed();
  for (const int who : {0, 1, 2}) {
    for (std::uint64_t number = 0; number < 20; ++number) {
      Strangers scene(chosen);
      Call& dial = scene.pair();
      const Device* const source = who == 0   ? static_cast<Device*>(&scene.alice)
                                   : who == 1 ? static_cast<Device*>(&scene.bob)
                                              : static_cast<Device*>(&scene.relay);
      std::uint64_t seen = 0;
      scene.world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair&, ByteView) {
        return from == source->id() && seen++ == number;
      };
      EXPECT_TRUE(scene.are_paired(dial, scene.accept(scene.bob, *dial.offer()))) << who << ", datagram " << number;
    }
  }
}

TEST(SimPairing, ALossyNetworkThatDoublesAndReordersStillPairs) {
  const std::uint64_t chosen = seed();
  for (std::uint64_t i = 0; i < 20; ++i) {
    Strangers scene(chosen + i);
    Call& dial = scene.pair();
    for (Device* device : {static_cast<Device*>(&scene.alice), static_cast<Device*>(&scene.bob)}) {
      device->wire().loss = 0.15;
      device->wire().duplicate = 0.1;
      device->wire().jitter = 30ms;
    }
    EXPECT_TRUE(scene.are_paired(dial, scene.accept(scene.bob, *dial.offer()), 30s)) << "seed " << chosen + i;
  }
}

TEST(SimPairing, OfTwoAcceptersAtOnceOneIsPairedWithAndTheOtherIsTold) {
  const std::uint64_t chosen = seed();
  for (std::uint64_t i = 0; i < 10; ++i) {
    Strangers scene(chosen + i);
    scene.bob.wire().jitter = scene.carol.wire().jitter = 20ms;
    Call& dial = scene.pair();
    Call& bobs = scene.accept(scene.bob, *dial.offer());
    Call& carols = scene.accept(scene.carol, *dial.offer());
    ASSERT_TRUE(scene.world.run_until(
        [&] {
          return dial.connected() && (bobs.connected() || bobs.ended()) && (carols.connected() || carols.ended());
        },
        40s))
        << "seed " << chosen + i;
    EXPECT_NE(bobs.connected(), carols.connected());
    const bool is_bob = bobs.connected();
    EXPECT_EQ(dial.peer_id(), (is_bob ? scene.bob : scene.carol).peer_id());
    EXPECT_EQ((is_bob ? carols : bobs).why()->code, Errc::kAnsweredElsewhere);
  }
}

// What docs/protocol.md says that it can do, and that both honest sides notice.
TEST(SimPairing, AStrangerWhoReadsTheCarrierInTimeTakesTheAcceptersPlaceAndTheAccepterIsTold) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  Call& stolen = scene.accept(scene.carol, *dial.offer());
  ASSERT_TRUE(scene.are_paired(dial, stolen));
  EXPECT_EQ(dial.peer_id(), scene.carol.peer_id());
  Call& late = scene.accept(scene.bob, *dial.offer());
  ASSERT_TRUE(scene.world.run_until([&] { return late.ended(); }, 5s));
  EXPECT_EQ(late.why()->code, Errc::kAnsweredElsewhere);
  EXPECT_FALSE(dial.ended());
}

TEST(SimPairing, AnOfferThatWasUsedPairsNobodyElseLater) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  ASSERT_TRUE(scene.are_paired(dial, scene.accept(scene.bob, *dial.offer())));
  EXPECT_EQ(scene.bob.accept(*dial.offer(), scene.bob.pairing_rules()).error().code, Errc::kOfferReplayed);
  dial.close();
  scene.world.run_for(5s);
  Call& late = scene.accept(scene.carol, *dial.offer());
  ASSERT_TRUE(scene.world.run_until([&] { return late.ended(); }, 40s));
  EXPECT_EQ(late.why()->code, Errc::kHandshakeFailed);
  EXPECT_NE(late.why()->message().find("ask for a new one"), std::string::npos) << late.why()->message();
  EXPECT_FALSE(late.connected());
}

// The offer's secret is the session's too: with another one nothing reaches the dialer, which goes on waiting.
TEST(SimPairing, AnOfferWhoseSecretWasAlteredOnTheWayDoesNotSpoilTheHonestOne) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  Offer altered = open_offer(*dial.offer(), scene.bob.identity(), {}).value().offer;
  altered.secret.front() ^= std::byte{1};
  Call& misled = scene.accept(scene.bob, write_unsealed(altered, OfferKind::kPairing).value());
  ASSERT_TRUE(scene.world.run_until([&] { return misled.ended(); }, 40s));
  EXPECT_EQ(misled.why()->code, Errc::kHandshakeFailed);
  scene.world.run_for(1s);  // what the relay holds of the last try would still count as bob's
  EXPECT_TRUE(scene.are_paired(dial, scene.accept(scene.bob, *dial.offer())));
}

TEST(SimPairing, AnOfferInSomebodyElsesNameIsRefusedByTheHandshake) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  Offer altered = open_offer(*dial.offer(), scene.bob.identity(), {}).value().offer;
  altered.peer = scene.carol.peer_id();
  Call& misled = scene.accept(scene.bob, write_unsealed(altered, OfferKind::kPairing).value());
  ASSERT_TRUE(scene.world.run_until([&] { return misled.ended(); }, 10s));
  EXPECT_EQ(misled.why()->code, Errc::kPeerKeyMismatch);
  EXPECT_FALSE(dial.connected());
}

TEST(SimPairing, TheDialerWaitsForTenMinutesAndTheOfferNoLonger) {
  Strangers scene(seed());
  Call& dial = scene.pair();
  EXPECT_FALSE(scene.world.run_until([&] { return dial.ended(); }, 10min - 2s));
  ASSERT_TRUE(scene.world.run_until([&] { return dial.ended(); }, 3s));
  EXPECT_EQ(dial.why()->code, Errc::kDialDeadline);
  EXPECT_NE(dial.why()->message().find("nobody answered within 10 min"), std::string::npos) << dial.why()->message();
  scene.world.run_for(11min);
  const auto late = scene.bob.accept(*dial.offer(), scene.bob.pairing_rules());
  EXPECT_EQ(late.error().code, Errc::kOfferExpired);
  EXPECT_NE(late.error().message().find("this pairing offer expired"), std::string::npos) << late.error().message();
}

TEST(SimPairing, OffersAreTakenWhereTheirKindIsAskedFor) {
  Strangers scene(seed());
  scene.world.introduce(scene.alice, scene.bob);
  const Bytes pairing = *scene.pair().offer();
  Call& known = scene.alice.dial(scene.bob);
  ASSERT_TRUE(scene.world.run_until([&] { return known.offer().has_value(); }, 5s));
  EXPECT_EQ(scene.bob.accept(pairing).error().code, Errc::kOfferForPairing);
  EXPECT_EQ(scene.bob.accept(*known.offer(), scene.bob.pairing_rules()).error().code, Errc::kOfferNotForPairing);
}

TEST(SimPairing, OwnersRefuseTheirOwnOfferAndWhomTheyDoNotWant) {
  Strangers scene(seed());
  const Bytes offer = *scene.pair().offer();
  const std::uint64_t sent = scene.world.network.sent();
  const auto own = scene.alice.accept(offer, scene.alice.pairing_rules());
  EXPECT_EQ(own.error().code, Errc::kPairingFailed);
  EXPECT_NE(own.error().message().find("own key"), std::string::npos) << own.error().message();
  auto rules = scene.bob.pairing_rules();
  rules.pairing = [](const PeerId&) { return Outcome<>(Failure{Errc::kNameTaken, "alice is somebody else"}); };
  EXPECT_EQ(scene.bob.accept(offer, rules).error().code, Errc::kNameTaken);
  EXPECT_EQ(scene.world.network.sent(), sent);
}

}  // namespace
}  // namespace quicket::sim
