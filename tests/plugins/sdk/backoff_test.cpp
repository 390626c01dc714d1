#include <gtest/gtest.h>

#include <quicket/plugin/backoff.hpp>

namespace quicket::plugin {
namespace {

TEST(Backoff, DoublesUpToItsLimitAndTakesAtLeastAHalf) {
  for (unsigned seed = 1; seed < 200; ++seed) {
    Backoff backoff(100, 1'000, seed);
    for (const std::int64_t whole : {100, 200, 400, 800, 1'000, 1'000}) {
      const std::int64_t time = backoff.next();
      EXPECT_GE(time, whole / 2) << "seed " << seed;
      EXPECT_LE(time, whole) << "seed " << seed;
    }
  }
}

TEST(Backoff, IsSpread) { EXPECT_NE(Backoff(100'000, 100'000, 1).next(), Backoff(100'000, 100'000, 2).next()); }

TEST(Backoff, WaitsAsLongAsTheOtherSideAsks) {
  Backoff backoff(100, 1'000, 1);
  EXPECT_EQ(backoff.next(5'000), 5'000);
  EXPECT_LE(backoff.next(), 200);
}

TEST(Backoff, TakesOddTimes) {
  EXPECT_EQ(Backoff(0, 0, 1).next(), 1);
  EXPECT_LE(Backoff(10, 1, 1).next(), 10);
}

}  // namespace
}  // namespace quicket::plugin
