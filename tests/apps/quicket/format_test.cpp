#include "apps/quicket/format.hpp"

#include <gtest/gtest.h>

namespace quicket::cli {
namespace {

using namespace std::chrono_literals;

TEST(FormatSize, CountsSingleBytesBelowAThousand) {
  EXPECT_EQ(format_size(0), "0 bytes");
  EXPECT_EQ(format_size(1), "1 byte");
  EXPECT_EQ(format_size(243), "243 bytes");
  EXPECT_EQ(format_size(999), "999 bytes");
}

TEST(FormatSize, GivesThreeDigitsAndTheUnitThatFits) {
  EXPECT_EQ(format_size(1'000), "1.00 kB");
  EXPECT_EQ(format_size(65'536), "65.5 kB");
  EXPECT_EQ(format_size(1'310'000'000), "1.31 GB");
  EXPECT_EQ(format_size(18'446'744'073'709'551'615u), "18.4 EB");
}

TEST(FormatSize, NeverRoundsUpToAThousand) {
  EXPECT_EQ(format_size(999'499), "999 kB");
  EXPECT_EQ(format_size(999'501), "1.00 MB");
  EXPECT_EQ(format_size(9'996), "10.0 kB");
}

TEST(FormatRate, DividesByTheTime) { EXPECT_EQ(format_rate(1'310'000'000, 9'800ms), "134 MB/s"); }

TEST(FormatRate, KnowsNoneWithoutTime) { EXPECT_EQ(format_rate(5, 0s), "-"); }

TEST(FormatDuration, TakesTheUnitThatFits) {
  EXPECT_EQ(format_duration(600us), "0.6 ms");
  EXPECT_EQ(format_duration(4'100us), "4.1 ms");
  EXPECT_EQ(format_duration(23ms), "23 ms");
  EXPECT_EQ(format_duration(1'200ms), "1.2 s");
  EXPECT_EQ(format_duration(90s), "90 s");
  EXPECT_EQ(format_duration(15min), "15 min");
  EXPECT_EQ(format_duration(150min), "2.5 h");
  EXPECT_EQ(format_duration(168h), "7 d");
}

TEST(FormatDuration, NeverRoundsUpToTheNextUnit) {
  EXPECT_EQ(format_duration(999'900us), "1 s");
  EXPECT_EQ(format_duration(9'960ms), "10 s");
  EXPECT_EQ(format_duration(119'800ms), "2 min");
}

TEST(FormatDuration, TakesTimesBelowZeroAsZero) { EXPECT_EQ(format_duration(-5s), "0 s"); }

TEST(FormatClock, CountsMinutesAndHours) {
  EXPECT_EQ(format_clock(42s), "0:42");
  EXPECT_EQ(format_clock(61s), "1:01");
  EXPECT_EQ(format_clock(3'723s), "1:02:03");
  EXPECT_EQ(format_clock(-1s), "0:00");
}

}  // namespace
}  // namespace quicket::cli
