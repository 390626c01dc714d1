#include "transports/relay/liveness.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{1h};
constexpr Liveness::Timing kTiming{.silence = 300ms, .quiet_after = 1s};

TEST(Liveness, AsksWhenNothingComesBack) {
  Liveness liveness(kTiming);
  liveness.on_sent(kNow);
  liveness.on_sent(kNow + 200ms);
  EXPECT_EQ(liveness.deadline(), kNow + 300ms);
  EXPECT_FALSE(liveness.on_deadline(kNow + 299ms));
  EXPECT_TRUE(liveness.on_deadline(kNow + 300ms));
}

TEST(Liveness, AsksASecondAfterWhatCameInHasStopped) {
  Liveness liveness(kTiming);
  liveness.on_received(kNow);
  liveness.on_received(kNow + 100ms);
  EXPECT_EQ(liveness.deadline(), kNow + 1100ms);
  EXPECT_TRUE(liveness.on_deadline(kNow + 1100ms));
}

TEST(Liveness, IsContentWhileDatagramsComeBack) {
  Liveness liveness(kTiming);
  for (int i = 0; i < 100; ++i) {
    liveness.on_sent(kNow + i * 200ms);
    EXPECT_FALSE(liveness.on_deadline(kNow + i * 200ms + 100ms));
    liveness.on_received(kNow + i * 200ms + 100ms);
  }
}

TEST(Liveness, TakesTheRelaysOwnAnswerForALife) {
  Liveness liveness(kTiming);
  liveness.on_sent(kNow);
  liveness.on_answer();
  EXPECT_EQ(liveness.deadline(), std::nullopt);
}

TEST(Liveness, AsksOnceAndNotAgainWhileTheSilenceLasts) {
  Liveness liveness(kTiming);
  liveness.on_received(kNow);
  EXPECT_TRUE(liveness.on_deadline(kNow + 1s));
  EXPECT_EQ(liveness.deadline(), std::nullopt);
  for (int i = 0; i < 20; ++i) liveness.on_sent(kNow + 1s + i * 100ms);
  EXPECT_EQ(liveness.deadline(), kNow + 1300ms);  // sent after a pause of a second: once more
  EXPECT_TRUE(liveness.on_deadline(kNow + 3s));
  for (int i = 0; i < 20; ++i) liveness.on_sent(kNow + 3s + i * 100ms);
  EXPECT_EQ(liveness.deadline(), std::nullopt);
}

TEST(Liveness, AsksAgainWhenTrafficHasResumed) {
  Liveness liveness(kTiming);
  liveness.on_received(kNow);
  EXPECT_TRUE(liveness.on_deadline(kNow + 1s));
  liveness.on_received(kNow + 10s);
  EXPECT_TRUE(liveness.on_deadline(kNow + 11s));
}

TEST(Liveness, HasNothingToAskWhenNothingEverHappened) {
  Liveness liveness(kTiming);
  EXPECT_EQ(liveness.deadline(), std::nullopt);
  EXPECT_FALSE(liveness.on_deadline(kNow));
}

TEST(Liveness, FollowsTheRoundTrip) {
  Liveness liveness(kTiming);
  liveness.on_sent(kNow);
  liveness.set_silence(600ms);
  EXPECT_EQ(liveness.deadline(), kNow + 600ms);
}

}  // namespace
}  // namespace quicket::transports
