#include "tests/sim/random_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

namespace quicket::sim {
namespace {

// How many worlds: QUICKET_TEST_WORLDS is set by the build, a slice of them where time is short.
TEST(SimRandomWorlds, ConnectAndDeliverBothWaysIntact) {
  const std::uint64_t first = seed();
  Duration total{};
  int restarts = 0;
  for (std::uint64_t i = 0; i < QUICKET_TEST_WORLDS; ++i) {
    const Verdict verdict = play_random_world(first + i);
    EXPECT_EQ(verdict.trouble, "") << "replay with QUICKET_SEED=" << first + i;
    total += verdict.virtual_time;
    restarts += verdict.restarts;
  }
  std::cout << QUICKET_TEST_WORLDS << " worlds, " << std::chrono::duration<double, std::ratio<3600>>(total).count()
            << " virtual hours, " << restarts << " restarts of the relay\n";
}

}  // namespace
}  // namespace quicket::sim
