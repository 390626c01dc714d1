#include "tests/sim/scene.hpp"

namespace quicket::sim {
namespace {

TEST(SimDial, ConnectsThroughARelayThatNeitherPeerCouldDoWithout) {
  Scene scene(seed());
  const auto [dial, accepted] = scene.connect();
  EXPECT_TRUE(dial->connected() && accepted->connected());
}

TEST(SimDial, AnOfferThatWaitsForTenMinutesConnectsWithASaneRoundTripAfterwards) {
  Scene scene(seed());
  World& world = scene.world;
  Call& dial = scene.alice.dial(scene.bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  world.run_for(10min);
  Call* accepted = scene.bob.accept(*dial.offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted->connected(); }, 10s));
  dial.transfer(100'000);
  ASSERT_TRUE(world.run_until([&] { return accepted->receiving.done(); }, 10s));
  EXPECT_LT(dial.connection().statistics().smoothed_rtt, 3 * 40ms);  // two wires of 10 ms each way, twice
}

TEST(SimDial, BytesArriveIntactBothWays) {
  Scene scene(seed());
  const auto [dial, accepted] = scene.connect();
  dial->transfer(3'000'000);
  accepted->transfer(2'000'000);
  const auto both_received = [a = dial, b = accepted] { return a->receiving.done() && b->receiving.done(); };
  EXPECT_TRUE(scene.world.run_until(both_received, 60s));
  EXPECT_EQ(accepted->receiving.read, 3'000'000u);
  EXPECT_EQ(dial->receiving.read, 2'000'000u);
}

TEST(SimDial, TheRelayForgetsBothPeersOnceTheyHaveClosed) {
  Scene scene(seed());
  const auto [dial, accepted] = scene.connect();
  dial->close(3);
  ASSERT_TRUE(scene.world.run_until([there = accepted] { return there->ended(); }, 5s));
  EXPECT_EQ(accepted->why()->code, Errc::kClosedByPeer);
  scene.world.run_for(5s);
  EXPECT_EQ(scene.relay.engine().table().registrations(), 0u);
}

TEST(SimDial, ACancelledDialIsForgottenByTheRelay) {
  Scene scene(seed());
  Call& dial = scene.alice.dial(scene.bob);
  ASSERT_TRUE(scene.world.run_until([&] { return dial.offer().has_value(); }, 5s));
  EXPECT_EQ(scene.relay.engine().table().registrations(), 1u);
  dial.cancel();
  scene.world.run_for(2s);
  EXPECT_EQ(scene.relay.engine().table().registrations(), 0u);
  EXPECT_EQ(dial.why()->code, Errc::kCancelled);
}

TEST(SimDial, NobodyAnswersUntilTheDeadline) {
  Scene scene(seed());
  Call& dial = scene.alice.dial(scene.bob, 5min);
  EXPECT_FALSE(scene.world.run_until([&] { return dial.ended(); }, 5min - 1s));
  ASSERT_TRUE(scene.world.run_until([&] { return dial.ended(); }, 2s));
  EXPECT_EQ(dial.why()->code, Errc::kDialDeadline);
}

TEST(SimDial, AnOfferIsTakenOnce) {
  Scene scene(seed());
  const auto [dial, accepted] = scene.connect();
  EXPECT_EQ(scene.bob.accept(*dial->offer()).error().code, Errc::kOfferReplayed);
}

TEST(SimDial, AnExpiredOfferIsRefusedBeforeAnythingLeavesTheMachine) {
  Scene scene(seed());
  Call& dial = scene.alice.dial(scene.bob, 1min);
  ASSERT_TRUE(scene.world.run_until([&] { return dial.offer().has_value(); }, 5s));
  scene.world.run_for(12min);
  const std::uint64_t sent = scene.world.network.sent();
  const auto refused = scene.bob.accept(*dial.offer());
  EXPECT_EQ(refused.error().code, Errc::kOfferExpired);
  EXPECT_NE(refused.error().message().find("min ago"), std::string::npos);
  scene.world.run_for(10ms);
  EXPECT_EQ(scene.world.network.sent(), sent);
}

TEST(SimDial, AStrangersOfferIsRefused) {
  Scene scene(seed());
  Peer& mallory = scene.world.add_peer(Nat::kNone, {.relays = {&scene.relay}});
  Call& dial = mallory.dial(scene.bob);
  ASSERT_TRUE(scene.world.run_until([&] { return dial.offer().has_value(); }, 5s));
  EXPECT_EQ(scene.bob.accept(*dial.offer()).error().code, Errc::kPeerUnknown);
}

TEST(SimDial, AnOfferForSomebodyElseCannotBeOpened) {
  Scene scene(seed());
  Peer& carol = scene.world.add_peer(Nat::kNone, {.relays = {&scene.relay}});
  scene.world.introduce(scene.alice, carol);
  Call& dial = scene.alice.dial(carol);
  ASSERT_TRUE(scene.world.run_until([&] { return dial.offer().has_value(); }, 5s));
  EXPECT_EQ(scene.bob.accept(*dial.offer()).error().code, Errc::kOfferNotForUs);
}

TEST(SimDial, WithoutARelayThatAnswersTheDialFailsSoon) {
  Scene scene(seed());
  scene.relay.stop();
  Call& dial = scene.alice.dial(scene.bob);
  ASSERT_TRUE(scene.world.run_until([&] { return dial.ended(); }, 15s));
  EXPECT_EQ(dial.why()->code, Errc::kRelayUnreachable);
  EXPECT_NE(dial.why()->message().find("does not answer"), std::string::npos) << dial.why()->message();
}

// What the relay sent completes the client's handshake; what the client sends then reaches a relay that knows nothing.
TEST(SimDial, TheRelayRestartsRightBehindTheHandshakeAndTheOfferIsSoonReady) {
  World world(seed());
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  Call& dial = alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return relay.engine().server().half_open() == 1; }, 1s));
  relay.restart();
  EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
}

// Two keys that make the same connection IDs: what the schedule makes too unlikely to wait for.
TEST(SimDial, AnIdThatAnotherHoldsIsRefusedAndTheOtherGoesOn) {
  World world(seed());
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& carol = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  world.introduce(carol, bob);
  std::optional<relay::RegistrationKey> first;
  relay.derive_ids = [&first, usual = relay.derive_ids](const relay::RegistrationKey& key, relay::CounterRange range) {
    if (!first) first = key;
    return usual(*first, range);
  };
  relay.restart();
  Call& dial = alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  Call& late = carol.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return late.ended(); }, 5s));
  EXPECT_EQ(late.why()->code, Errc::kRelayRefused);
  EXPECT_NE(late.why()->message().find("another registration holds one of these connection IDs"), std::string::npos)
      << late.why()->message();
  EXPECT_EQ(relay.engine().table().registrations(), 1u);
  EXPECT_FALSE(dial.ended());
}

TEST(SimDial, ManyPairsMeetAtOneRelayAtOnce) {
  World world(seed());
  relay::Limits limits;
  Relay& relay = world.add_relay(limits);
  constexpr std::size_t kPairs = 30;
  std::vector<std::pair<Call*, Peer*>> dials;
  for (std::size_t i = 0; i < kPairs; ++i) {
    Peer& one = world.add_peer(Nat::kSymmetric, {.relays = {&relay}});
    Peer& other = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    world.introduce(one, other);
    dials.emplace_back(&one.dial(other), &other);
  }
  ASSERT_TRUE(world.run_until(
      [&] { return std::ranges::all_of(dials, [](auto& d) { return d.first->offer().has_value(); }); }, 10s));
  std::vector<Call*> accepted;
  for (auto& [dial, other] : dials) accepted.push_back(other->accept(*dial->offer()).value());
  ASSERT_TRUE(
      world.run_until([&] { return std::ranges::all_of(dials, [](auto& d) { return d.first->connected(); }); }, 10s));
  for (auto& [dial, other] : dials) dial->transfer(20'000);
  EXPECT_TRUE(
      world.run_until([&] { return std::ranges::all_of(accepted, [](Call* c) { return c->receiving.done(); }); }, 30s));
}

}  // namespace
}  // namespace quicket::sim
