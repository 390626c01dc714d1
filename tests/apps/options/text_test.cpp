#include "apps/options/text.hpp"

#include <gtest/gtest.h>

namespace quicket::apps {
namespace {

TEST(Printable, LeavesNothingThatMovesACursor) { EXPECT_EQ(printable("a\x1b[2J\r\nb\x7f é"), "a?[2J??b? é"); }

TEST(Distance, CountsLettersAndSwaps) {
  EXPECT_EQ(distance("dial", "dial"), 0u);
  EXPECT_EQ(distance("dial", "dail"), 1u);
  EXPECT_EQ(distance("dial", "dal"), 1u);
  EXPECT_EQ(distance("dial", "dials"), 1u);
  EXPECT_EQ(distance("dial", ""), 4u);
  EXPECT_EQ(distance("accept", "excerpt"), 3u);
}

}  // namespace
}  // namespace quicket::apps
