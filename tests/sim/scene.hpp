#pragma once

#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace quicket::sim {

// Scene is the usual cast: two peers behind translators who know each other, and one relay.
struct Scene {
  explicit Scene(std::uint64_t seed, relay::Limits limits = {}) : world(seed), relay(world.add_relay(limits)) {
    world.introduce(alice, bob);
  }

  // connect lets alice call bob and the offer be read at once.
  std::pair<Call*, Call*> connect() {
    Call& dial = alice.dial(bob);
    EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
    Call* accepted = bob.accept(*dial.offer()).value();
    EXPECT_TRUE(world.run_until([&] { return dial.connected() && accepted->connected(); }, 10s));
    return {&dial, accepted};
  }

  World world;
  Relay& relay;
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
};

// Course is how long the parts of an honest call took, from the dial on.
struct Course {
  Duration offered{}, connected{}, delivered{};
};

// honest_call lets two new peers, without any connection so far, call one another and exchange some bytes.
inline Course honest_call(World& world, const std::vector<Relay*>& relays) {
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = relays});
  Peer& bob = world.add_peer(Nat::kSymmetric, {.relays = relays});
  world.introduce(alice, bob);
  Course course;
  const TimePoint start = world.now();
  Call& dial = alice.dial(bob);
  EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value() || dial.ended(); }, 12s));
  course.offered = world.now() - start;
  if (!dial.offer()) {
    ADD_FAILURE() << "no offer: " << (dial.ended() ? dial.why()->message() : "");
    return course;
  }
  Call& accepted = **bob.accept(*dial.offer());
  EXPECT_TRUE(world.run_until([&] { return dial.connected() && accepted.connected(); }, 12s));
  course.connected = world.now() - start;
  if (!dial.connected()) return course;
  dial.transfer(100'000);
  accepted.transfer(100'000);
  EXPECT_TRUE(world.run_until([&] { return dial.receiving.done() && accepted.receiving.done(); }, 12s));
  course.delivered = world.now() - start;
  dial.close();
  world.run_for(2s);
  return course;
}

// expect_unnoticed makes an honest call in the world as it is, and compares it with one in a quiet world: nothing of it
// may take longer by more than `tolerance`.
inline void expect_unnoticed(World& world, const std::vector<Relay*>& relays, Duration tolerance = 1ms) {
  World quiet(1);
  std::vector<Relay*> others;
  for (std::size_t i = 0; i < relays.size(); ++i) others.push_back(&quiet.add_relay());
  const Course usual = honest_call(quiet, others), now = honest_call(world, relays);
  EXPECT_LE(now.offered, usual.offered + tolerance);
  EXPECT_LE(now.connected, usual.connected + tolerance);
  EXPECT_LE(now.delivered, usual.delivered + tolerance);
}

}  // namespace quicket::sim
