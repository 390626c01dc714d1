#include "apps/options/duration.hpp"

#include <gtest/gtest.h>

namespace quicket::apps {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesEachUnit) {
  EXPECT_EQ(parse_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_duration("90s"), Duration(90s));
  EXPECT_EQ(parse_duration("2min"), Duration(2min));
  EXPECT_EQ(parse_duration("24h"), Duration(24h));
  EXPECT_EQ(parse_duration("7d"), Duration(std::chrono::days(7)));
}

TEST(ParseDuration, TakesSumsAndBlanks) {
  EXPECT_EQ(parse_duration("1h30min"), Duration(90min));
  EXPECT_EQ(parse_duration(" 1 h  30 min "), Duration(90min));
}

TEST(ParseDuration, TakesZero) { EXPECT_EQ(parse_duration("0s"), Duration::zero()); }

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"", " ", "5", "s", "-5s", "1.5s", "5m", "5 sec", "5s!", "30min1h", "5s5s", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseDuration, RefusesMoreThanAYear) {
  EXPECT_EQ(parse_duration("365d"), kMaxDuration);
  EXPECT_EQ(parse_duration("365d1ms"), std::nullopt);
  EXPECT_EQ(parse_duration("366d"), std::nullopt);
}

TEST(DurationText, NamesTheLargestUnits) {
  EXPECT_EQ(duration_text(1s), "1s");
  EXPECT_EQ(duration_text(90min), "1h30min");
  EXPECT_EQ(duration_text(Duration::zero()), "0s");
  EXPECT_EQ(duration_text(std::chrono::days(7) + 250ms), "7d250ms");
}

}  // namespace
}  // namespace quicket::apps
