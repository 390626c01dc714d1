#include "apps/options/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/options/sample_table.hpp"

namespace quicket::apps {
namespace {

using namespace std::chrono_literals;
using test::kTable;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Settings settings_with(const Given& given, std::string_view origin = "", Exit exit = Exit::kUsage) {
  Settings settings(kTable);
  settings.add(given, origin, exit);
  return settings;
}

TEST(Settings, FallBackToDefaults) {
  const Settings settings(kTable);
  EXPECT_EQ(settings.text("lease"), "2min");
  EXPECT_FALSE(settings.is_on("quiet"));
  EXPECT_THAT(settings.list("listen"), IsEmpty());
  EXPECT_FALSE(settings.is_given("lease"));
}

TEST(Settings, LetTheFirstSourceWin) {
  Settings settings = settings_with({{"listen", {"a"}}, {"quiet", {"false"}}});
  settings.add({{"listen", {"b", "c"}}, {"quiet", {"true"}}, {"lease", {"5min"}}}, "r.conf", Exit::kConfig);
  EXPECT_THAT(settings.list("listen"), ElementsAre("a"));
  EXPECT_FALSE(settings.is_on("quiet"));
  EXPECT_EQ(settings.text("lease"), "5min");
}

TEST(Settings, TakeASectionAsAWholeFromTheFirstFileThatHasIt) {
  Settings settings(kTable);
  settings.add({{section_name("listen", "a"), {"x=1"}}}, "own", Exit::kConfig);
  settings.add({{section_name("listen", "a"), {"y=2"}}, {section_name("listen", "b"), {}}}, "common", Exit::kConfig);
  EXPECT_THAT(settings.sections("listen"), testing::ElementsAre("a", "b"));
  EXPECT_THAT(settings.section("listen", "a"), testing::ElementsAre("x=1"));
  EXPECT_THAT(settings.section("listen", "c"), testing::IsEmpty());
  EXPECT_THAT(settings.sections("lease"), testing::IsEmpty());
  EXPECT_EQ(settings.complain_about_section("listen", "b", "no").message, "common: [listen.b]: no");
}

TEST(Settings, ReadNumbersWithinBounds) {
  EXPECT_EQ(settings_with({{"max-ids", {"7"}}}).number("max-ids", 1, 10).value(), 7u);
  for (const char* text : {"0", "11", "-1", "x", "7x", "", "99999999999999999999999"}) {
    EXPECT_TRUE(settings_with({{"max-ids", {text}}}).number("max-ids", 1, 10).has_error()) << text;
  }
}

TEST(Settings, ReadDurationsFromALeastOneOn) {
  EXPECT_EQ(settings_with({}).duration("lease", 1s).value(), Duration(2min));
  EXPECT_TRUE(settings_with({{"lease", {"soon"}}}).duration("lease", 1s).has_error());
  EXPECT_TRUE(settings_with({{"lease", {"999ms"}}}).duration("lease", 1s).has_error());
}

TEST(Settings, SayWhereAWrongValueWasGiven) {
  EXPECT_THAT(settings_with({{"lease", {"x"}}}).complain("lease", "is wrong").message, HasSubstr("--lease: is wrong"));
  const auto variable = settings_with({{"lease", {"x"}}}, Settings::kEnvironmentOrigin).complain("lease", "is wrong");
  EXPECT_THAT(variable.message, HasSubstr("SAMPLE_LEASE: is wrong"));
  const auto file = settings_with({{"lease", {"x"}}}, "r.conf", Exit::kConfig).complain("lease", "is wrong");
  EXPECT_THAT(file.message, HasSubstr("r.conf: lease: is wrong"));
  EXPECT_EQ(file.exit, Exit::kConfig);
}

TEST(Settings, RepeatAWrongValueWithoutItsControlCharacters) {
  const auto number = settings_with({{"max-ids", {"7\x1b[2J\n"}}}).number("max-ids", 1, 10);
  EXPECT_THAT(number.error().message, HasSubstr("\"7?[2J?\" is not a number"));
}

}  // namespace
}  // namespace quicket::apps
