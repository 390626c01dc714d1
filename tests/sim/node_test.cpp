#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace quicket::sim {
namespace {

// What one device makes of the relays that it is told of.
class SimNode : public ::testing::Test {
 protected:
  SimNode() { world.introduce(alice, bob); }

  // fails says whether a dial through this relay alone ends by itself.
  bool fails(const transports::RelayTarget& target) {
    alice.node().set_relays({target});
    Call& dial = alice.dial(bob);
    return world.run_until([&] { return dial.ended(); }, 15s);
  }
  bool reaches(const transports::RelayTarget& target) {
    alice.node().set_relays({target});
    Call& dial = alice.dial(bob);
    return world.run_until([&] { return dial.offer().has_value(); }, 5s);
  }

  World world{seed()};
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {}});
};

TEST_F(SimNode, ReachesARelayAtWhoseAddressAnotherWasStatedBefore) {
  transports::RelayTarget wrong = relay.target();
  wrong.pins.front().front() ^= std::byte{1};
  ASSERT_TRUE(fails(wrong));
  EXPECT_TRUE(reaches(relay.target()));
}

TEST_F(SimNode, ForgetsRelaysThatNobodyNeedsForNewOnes) {
  for (std::size_t i = 0; i < transports::Node::kMaxRelays; ++i) {
    transports::RelayTarget nowhere = relay.target();
    nowhere.addresses = {
        Address::from(std::array{std::byte{203}, std::byte{0}, std::byte{113}, std::byte(i + 1)}, 443).value()};
    nowhere.pins.front().front() = std::byte(i);
    ASSERT_TRUE(fails(nowhere)) << i;
  }
  EXPECT_TRUE(reaches(relay.target()));
  EXPECT_EQ(alice.node().relays().size(), transports::Node::kMaxRelays);
}

TEST_F(SimNode, KeepsARelayThatAConnectionRunsThrough) {
  alice.node().set_relays({relay.target()});
  Call& dial = alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  Call* accepted = bob.accept(*dial.offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted->connected(); }, 10s));
  for (std::size_t i = 0; i < transports::Node::kMaxRelays + 1; ++i) {
    transports::RelayTarget nowhere = relay.target();
    nowhere.addresses = {
        Address::from(std::array{std::byte{203}, std::byte{0}, std::byte{113}, std::byte(i + 1)}, 443).value()};
    nowhere.pins.front().front() = std::byte(i);
    ASSERT_TRUE(fails(nowhere)) << i;
  }
  dial.transfer(10'000);
  EXPECT_TRUE(world.run_until([&] { return accepted->receiving.done(); }, 10s));
}

TEST_F(SimNode, ADeviceWithTheSameIdentityThatAnswersTooIsToldSo) {
  alice.node().set_relays({relay.target()});
  Call& dial = alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  Peer& other = world.add_peer(Nat::kPortRestricted, {.relays = {}, .identity = bob.identity()});
  other.trust(alice);
  Call* accepted = bob.accept(*dial.offer()).value();
  world.run_for(1ms);
  Call* late = other.accept(*dial.offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted->connected() && late->ended(); }, 10s));
  EXPECT_EQ(late->why()->code, Errc::kAnsweredElsewhere);
  dial.transfer(100'000);
  EXPECT_TRUE(world.run_until([&] { return accepted->receiving.done(); }, 10s));
}

}  // namespace
}  // namespace quicket::sim
