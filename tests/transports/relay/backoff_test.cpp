#include "transports/relay/backoff.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace quicket::transports {
namespace {

using namespace std::chrono_literals;

constexpr Backoff::Timing kTiming{.first = 100ms, .longest = 5s};

TEST(Backoff, DoublesUpToTheLongestPauseAndTakesUpToHalfAway) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Backoff backoff(kTiming, seed);
    Duration whole = 100ms;
    for (int i = 0; i < 10; ++i) {
      const Duration pause = backoff.next();
      EXPECT_GE(pause, whole / 2) << "seed " << seed;
      EXPECT_LE(pause, whole) << "seed " << seed;
      whole = std::min<Duration>(2 * whole, 5s);
    }
  }
}

TEST(Backoff, BeginsAgainAfterASuccess) {
  Backoff backoff(kTiming, 1);
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), 100ms);
}

TEST(Backoff, IsTheSameForTheSameSeedOnly) {
  const auto pauses = [](std::uint64_t seed) {
    Backoff backoff(kTiming, seed);
    std::vector<Duration> all;
    for (int i = 0; i < 8; ++i) all.push_back(backoff.next());
    return all;
  };
  EXPECT_EQ(pauses(7), pauses(7));
  EXPECT_NE(pauses(7), pauses(8));
}

}  // namespace
}  // namespace quicket::transports
