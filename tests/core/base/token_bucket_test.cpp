#include "core/base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, LetsTheBurstPassAndThenTheRate) {
  TokenBucket bucket(10, 3);
  const TimePoint start{1h};
  EXPECT_TRUE(bucket.take(start) && bucket.take(start) && bucket.take(start));
  EXPECT_FALSE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start + 99ms));
  EXPECT_TRUE(bucket.take(start + 101ms));
  EXPECT_FALSE(bucket.take(start + 101ms));
}

TEST(TokenBucket, NeverSavesMoreThanItsBurst) {
  TokenBucket bucket(1000, 2);
  const TimePoint later{100h};
  EXPECT_TRUE(bucket.take(later) && bucket.take(later));
  EXPECT_FALSE(bucket.take(later));
}

}  // namespace
}  // namespace quicket
