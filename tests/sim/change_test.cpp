#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace quicket::sim {
namespace {

// A transfer of some megabytes is under way in both directions when something changes.
class SimChange : public ::testing::Test {
 protected:
  static constexpr std::size_t kBytes = 4'000'000;

  SimChange() {
    world.introduce(alice, bob);
    dial = &alice.dial(bob);
    EXPECT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
    accepted = bob.accept(*dial->offer()).value();
    EXPECT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 10s));
    dial->transfer(kBytes);
    accepted->transfer(kBytes);
    EXPECT_TRUE(world.run_until([&] { return accepted->receiving.read > kBytes / 4; }, 30s));
  }

  void expect_the_rest_arrives(Duration limit = 60s) {
    EXPECT_TRUE(world.run_until([&] { return dial->receiving.done() && accepted->receiving.done(); }, limit))
        << "dialer read " << dial->receiving.read << ", accepter read " << accepted->receiving.read
        << (dial->ended() ? ", dialer: " + dial->why()->message() : "")
        << (accepted->ended() ? ", accepter: " + accepted->why()->message() : "");
  }

  // gap runs until something arrives at the accepter again, and says how long that took.
  Duration gap() {
    const TimePoint start = world.now();
    const std::size_t before = accepted->receiving.read;
    world.run_for(50ms);  // what was already on the wire
    const std::size_t settled = std::max(before, accepted->receiving.read);
    world.run_until([&] { return accepted->receiving.read > settled; }, 30s);
    return world.now() - start;
  }

  World world{seed()};
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Call* dial = nullptr;
  Call* accepted = nullptr;
};

TEST_F(SimChange, TheRelayRestartsAndTheTransferEndsIntact) {
  relay.restart();
  const Duration quiet = gap();
  RecordProperty("gap_ms", std::to_string(quiet / 1ms));
  EXPECT_LT(quiet, 4s);
  expect_the_rest_arrives();
}

TEST_F(SimChange, TheRelayIsAwayForFiveSeconds) {
  relay.stop();
  world.run_for(5s);
  relay.start();
  expect_the_rest_arrives(120s);
}

TEST_F(SimChange, TheRelayNeverComesBackAndBothSidesSayWhy) {
  relay.stop();
  ASSERT_TRUE(world.run_until([&] { return dial->ended() && accepted->ended(); }, 5min));
  EXPECT_EQ(dial->why()->code, Errc::kIdleTimeout);
  EXPECT_EQ(accepted->why()->code, Errc::kIdleTimeout);
}

TEST_F(SimChange, TheDialersTranslatorForgetsItsMapping) {
  world.rebind(alice);
  const Duration quiet = gap();
  RecordProperty("gap_ms", std::to_string(quiet / 1ms));
  EXPECT_LT(quiet, 4s);
  expect_the_rest_arrives();
}

TEST_F(SimChange, TheAcceptersTranslatorForgetsItsMapping) {
  world.rebind(bob);
  const Duration quiet = gap();
  RecordProperty("gap_ms", std::to_string(quiet / 1ms));
  EXPECT_LT(quiet, 4s);
  expect_the_rest_arrives();
}

TEST_F(SimChange, TheDialerMovesToAnotherNetwork) {
  world.move(alice);
  const Duration quiet = gap();
  RecordProperty("gap_ms", std::to_string(quiet / 1ms));
  EXPECT_LT(quiet, 4s);
  expect_the_rest_arrives();
}

TEST_F(SimChange, TheAccepterMovesToAnotherNetwork) {
  world.move(bob);
  const Duration quiet = gap();
  RecordProperty("gap_ms", std::to_string(quiet / 1ms));
  EXPECT_LT(quiet, 4s);
  expect_the_rest_arrives();
}

TEST_F(SimChange, OneSideVanishesAndTheOtherEndsByItself) {
  bob.wire().up = false;
  ASSERT_TRUE(world.run_until([&] { return dial->ended(); }, 2min));
  EXPECT_EQ(dial->why()->code, Errc::kIdleTimeout);
}

TEST_F(SimChange, AnIdleConnectionOutlivesManyLeases) {
  expect_the_rest_arrives();
  world.run_for(2h);
  EXPECT_FALSE(dial->ended() || accepted->ended());
  EXPECT_EQ(relay.engine().table().registrations(), 2u);
}

TEST_F(SimChange, LeasesEndWhenBothPeersVanish) {
  alice.wire().up = bob.wire().up = false;
  world.run_for(10min);
  EXPECT_EQ(relay.engine().table().registrations(), 0u);
}

TEST_F(SimChange, TheWindowGrowsPastItsFirstSixtyFourIds) {
  expect_the_rest_arrives();
  for (std::uint32_t label = 2; label < 90; ++label) {
    world.run_for(4s);
    ASSERT_TRUE(dial->migrate(label)) << label;
  }
  world.run_for(4s);
  EXPECT_FALSE(dial->ended() || accepted->ended());
  EXPECT_GT(dial->connection().schedule().issued(), 64u);
  EXPECT_GT(accepted->connection().schedule().issued(), 64u);
}

}  // namespace
}  // namespace quicket::sim
