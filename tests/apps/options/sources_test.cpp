#include "apps/options/sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/options/sample_table.hpp"

namespace quicket::apps {
namespace {

using test::kTable;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CommandLine, TakesSwitchesValuesListsAndWords) {
  const auto line = parse_command_line(kTable, {"-q", "--lease=5min", "-l", "a", "word", "--listen", "b"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->options.at("quiet"), ElementsAre("true"));
  EXPECT_THAT(line->options.at("lease"), ElementsAre("5min"));
  EXPECT_THAT(line->options.at("listen"), ElementsAre("a", "b"));
  EXPECT_THAT(line->words, ElementsAre("word"));
}

TEST(CommandLine, TakesWordsBehindTwoDashes) {
  const auto line = parse_command_line(kTable, {"--", "--quiet"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->words, ElementsAre("--quiet"));
  EXPECT_TRUE(line->options.empty());
}

TEST(CommandLine, SuggestsTheOptionThatWasMeant) {
  const auto line = parse_command_line(kTable, {"--lisen", "a"});
  ASSERT_TRUE(line.has_error());
  EXPECT_EQ(line.error().exit, Exit::kUsage);
  EXPECT_THAT(line.error().message, HasSubstr("Did you mean --listen?"));
}

TEST(CommandLine, TakesNoAbbreviation) { EXPECT_TRUE(parse_command_line(kTable, {"--lea", "5min"}).has_error()); }

TEST(CommandLine, RefusesASecondValueWhereThereIsOne) {
  const auto line = parse_command_line(kTable, {"--lease", "5min", "--lease", "6min"});
  ASSERT_TRUE(line.has_error());
  EXPECT_THAT(line.error().message, HasSubstr("--lease is given twice"));
}

TEST(CommandLine, RefusesAMissingOrEmptyValue) {
  EXPECT_TRUE(parse_command_line(kTable, {"--lease"}).has_error());
  EXPECT_TRUE(parse_command_line(kTable, {"--lease="}).has_error());
}

TEST(EnvironmentSource, ReadsTheTablesVariablesAlone) {
  const auto given =
      parse_environment(kTable, {{"SAMPLE_LEASE", "5min"}, {"SAMPLE_PORT", "tcp://192.0.2.1"}, {"LEASE", "1s"}});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->size(), 1u);
  EXPECT_THAT(given->at("lease"), ElementsAre("5min"));
}

TEST(EnvironmentSource, SplitsLists) {
  const auto given = parse_environment(kTable, {{"SAMPLE_LISTEN", " a  b\tc"}});
  ASSERT_TRUE(given);
  EXPECT_THAT(given->at("listen"), ElementsAre("a", "b", "c"));
}

TEST(CommandLine, SuggestsTheNearestOptionThoughAValueHangsOnIt) {
  const auto line = parse_command_line(kTable, {"--leese=5min"});
  ASSERT_TRUE(line.has_error());
  EXPECT_EQ(line.error().message, "there is no option --leese. Did you mean --lease?");
}

TEST(EnvironmentSource, TakesAnEmptyVariableForNone) {
  EXPECT_TRUE(parse_environment(kTable, {{"SAMPLE_LEASE", ""}})->empty());
}

TEST(EnvironmentSource, SaysWhichSwitchIsNeitherOnNorOff) {
  EXPECT_THAT(parse_environment(kTable, {{"SAMPLE_QUIET", "yes"}})->at("quiet"), ElementsAre("true"));
  EXPECT_THAT(parse_environment(kTable, {{"SAMPLE_QUIET", "0"}})->at("quiet"), ElementsAre("false"));
  const auto wrong = parse_environment(kTable, {{"SAMPLE_QUIET", "maybe"}});
  ASSERT_TRUE(wrong.has_error());
  EXPECT_THAT(wrong.error().message, HasSubstr("SAMPLE_QUIET"));
}

TEST(EnvironmentSource, DoesNotSetWhatOnlyAFlagMay) {
  EXPECT_TRUE(parse_environment(kTable, {{"SAMPLE_CONFIG", "x"}})->empty());
}

TEST(ConfigSource, ReadsLinesAndComments) {
  const auto given =
      parse_config(kTable, "# a relay\nlease = 5min  # short\nquiet = yes\nlisten = a\nlisten = b\n", "r.conf");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_THAT(given->at("lease"), ElementsAre("5min"));
  EXPECT_THAT(given->at("quiet"), ElementsAre("true"));
  EXPECT_THAT(given->at("listen"), ElementsAre("a", "b"));
}

TEST(ConfigSource, TakesAHashWithinAValueForPartOfIt) {
  const auto given = parse_config(kTable, "listen = https://r:4433#pin=AAAA # mine\n", "r.conf");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_THAT(given->at("listen"), ElementsAre("https://r:4433#pin=AAAA"));
}

TEST(ConfigSource, NamesTheLineAndTheNearestOption) {
  const auto given = parse_config(kTable, "# a relay\n\n  leese = 5min\n", "r.conf");
  ASSERT_TRUE(given.has_error());
  EXPECT_EQ(given.error().message, "r.conf, line 3: there is no option leese. Did you mean lease?");
}

TEST(ConfigSource, HasSectionsOfAnySettings) {
  const auto given = parse_config(
      kTable, "quiet = yes\n[listen.web]\nurl = https://h/?a=b # c\nempty=\n[listen.none]\n[listen.x y]\nlease = 1\n",
      "r.conf");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_THAT(given->at(section_name("listen", "web")), ElementsAre("url=https://h/?a=b", "empty="));
  EXPECT_THAT(given->at(section_name("listen", "none")), ElementsAre());
  EXPECT_THAT(given->at(section_name("listen", "x y")), ElementsAre("lease=1"));
  EXPECT_FALSE(given->contains("lease"));
}

TEST(ConfigSource, RefusesOtherSections) {
  for (const char* text : {"[listen]\n", "[listen.]\n", "[.web]\n", "[lease.web]\n", "[unknown.web]\n", "[]\n",
                           "[listen.web\n", "[listen.web]\n[listen.web]\n", "[listen.web]\nnonsense\n"}) {
    const auto given = parse_config(kTable, text, "r.conf");
    ASSERT_TRUE(given.has_error()) << text;
    EXPECT_THAT(given.error().message, HasSubstr("r.conf, line")) << text;
  }
}

TEST(ConfigSource, NamesTheFileThatIsWrong) {
  for (const char* text :
       {"nonsense\n", "unknown = 1\n", "config = x\n", "quiet = maybe\n", "lease = 1s\nlease = 2s\n", "[a\n"}) {
    const auto given = parse_config(kTable, text, "r.conf");
    ASSERT_TRUE(given.has_error()) << text;
    EXPECT_EQ(given.error().exit, Exit::kConfig);
    EXPECT_THAT(given.error().message, HasSubstr("r.conf")) << text;
  }
}

TEST(ReadEnvironment, KeepsTheFirstOfAName) {
  const char* const variables[] = {"A=1", "B=x=y", "A=2", "nonsense", nullptr};
  const Environment environment = read_environment(variables);
  EXPECT_EQ(find_variable(environment, "A"), "1");
  EXPECT_EQ(find_variable(environment, "B"), "x=y");
  EXPECT_EQ(find_variable(environment, "C"), "");
}

}  // namespace
}  // namespace quicket::apps
