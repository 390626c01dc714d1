#include "relay/table/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace quicket::relay {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr TimePoint kNow{1h};
constexpr std::uint64_t kMost = 256;

Window stating(CounterRange range) {
  Window window;
  window.slide(range, kNow, kMost);
  return window;
}

TEST(Window, MissesAllAtFirstAndNothingWhenStatedAgain) {
  Window window;
  EXPECT_THAT(window.missing({1, 65}), ElementsAre(CounterRange{1, 65}));
  window.slide({1, 65}, kNow, kMost);
  EXPECT_THAT(window.missing({1, 65}), IsEmpty());
}

TEST(Window, MissesOnlyTheNewEndWhenItSlides) {
  EXPECT_THAT(stating({1, 65}).missing({33, 97}), ElementsAre(CounterRange{65, 97}));
}

TEST(Window, MissesBothEndsOfALargerOne) {
  EXPECT_THAT(stating({10, 20}).missing({5, 30}), UnorderedElementsAre(CounterRange{5, 10}, CounterRange{20, 30}));
}

TEST(Window, HoldsWhatItLeftUntilTheGraceEnds) {
  Window window = stating({1, 65});
  window.slide({33, 97}, kNow + 10s, kMost);
  EXPECT_THAT(window.held(), UnorderedElementsAre(CounterRange{33, 97}, CounterRange{1, 33}));
  EXPECT_EQ(window.deadline(), kNow + 10s);
  EXPECT_THAT(window.expire(kNow + 10s - 1ns), IsEmpty());
  EXPECT_THAT(window.expire(kNow + 10s), ElementsAre(CounterRange{1, 33}));
  EXPECT_EQ(window.held_count(), 64u);
  EXPECT_EQ(window.deadline(), std::nullopt);
}

TEST(Window, TakesBackWhatIsInItsGrace) {
  Window window = stating({1, 65});
  window.slide({33, 97}, kNow + 10s, kMost);
  EXPECT_THAT(window.missing({1, 65}), IsEmpty());
  window.slide({1, 65}, kNow + 12s, kMost);
  EXPECT_THAT(window.expire(kNow + 10s), IsEmpty());
  EXPECT_THAT(window.expire(kNow + 12s), ElementsAre(CounterRange{65, 97}));
  EXPECT_EQ(window.held_count(), 64u);
}

TEST(Window, GivesUpTheOldestWhenTooMuchIsLeftBehind) {
  Window window = stating({1, 257});
  EXPECT_THAT(window.slide({1000, 1256}, kNow + 10s, kMost), IsEmpty());
  EXPECT_THAT(window.slide({2000, 2256}, kNow + 11s, kMost), ElementsAre(CounterRange{1, 257}));
  EXPECT_EQ(window.held_count(), 512u);
}

TEST(Window, LeavesFewPiecesHoweverOftenItJumps) {
  Window window;
  std::uint64_t added = 0, freed = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const CounterRange next{1 + (i * 7919) % 500, 2 + (i * 7919) % 500};
    for (const CounterRange& range : window.missing(next)) added += range.size();
    for (const CounterRange& range : window.slide(next, kNow + i * 1ms, kMost)) freed += range.size();
    ASSERT_LE(window.held().size(), 9u);
    ASSERT_EQ(window.held_count(), added - freed);
  }
}

}  // namespace
}  // namespace quicket::relay
