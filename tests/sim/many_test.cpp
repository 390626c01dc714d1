#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {
namespace {

// All dialers call one device, which has one endpoint, by one relay. QUICKET_TEST_PAIRS is set by the build.
TEST(SimMany, PairsMeetOnOneEndpointAndOneRelayAtOnce) {
  constexpr std::size_t kPairs = QUICKET_TEST_PAIRS, kBytes = 20'000;
  World world(seed());
  relay::Limits limits;
  limits.registrations_per_address = kPairs;
  limits.ids_per_address = kPairs * 128;
  Relay& relay = world.add_relay(limits);
  Peer& hub = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  std::vector<Call*> dials, accepted;
  for (std::size_t i = 0; i < kPairs; ++i) {
    Peer& dialer = world.add_peer(Nat::kSymmetric, {.relays = {&relay}});
    world.introduce(dialer, hub);
    dials.push_back(&dialer.dial(hub));
  }
  const auto all = [](const std::vector<Call*>& calls, auto is) { return std::ranges::all_of(calls, is); };
  ASSERT_TRUE(world.run_until([&] { return all(dials, [](Call* c) { return c->offer().has_value(); }); }, 30s));
  for (Call* dial : dials) {
    const auto taken = hub.accept(*dial->offer());
    ASSERT_TRUE(taken) << taken.error().message();
    accepted.push_back(*taken);
  }
  ASSERT_TRUE(world.run_until([&] { return all(dials, [](Call* c) { return c->connected(); }); }, 60s));
  for (std::size_t i = 0; i < kPairs; ++i) {
    dials[i]->transfer(kBytes);
    accepted[i]->transfer(kBytes);
  }
  const auto done = [](Call* call) { return call->receiving.done(); };
  EXPECT_TRUE(world.run_until([&] { return all(dials, done) && all(accepted, done); }, 2min));
  for (Call* dial : dials) dial->close();
  EXPECT_TRUE(world.run_until([&] { return relay.engine().table().registrations() == 0; }, 1min));
}

}  // namespace
}  // namespace quicket::sim
