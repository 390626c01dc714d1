#include "apps/quicket-relay/log.hpp"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace quicket::relayd {
namespace {

using testing::EndsWith;
using testing::MatchesRegex;

TEST(RelayLog, AnnouncesInBareLinesToPeople) {
  std::ostringstream out;
  Log log(out, LogFormat::kText, LogLevel::kError);
  log.announce("relay url  https://x");
  EXPECT_EQ(out.str(), "relay url  https://x\n");
}

TEST(RelayLog, PutsTimeAndLevelBeforeItsLines) {
  std::ostringstream out;
  Log log(out, LogFormat::kText, LogLevel::kInfo);
  log.lines().warn("full");
  EXPECT_THAT(out.str(), MatchesRegex("[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+ warning: full\n"));
}

TEST(RelayLog, GoesOnAfterALineThatCouldNotBeWritten) {
  std::ostringstream out;
  Log log(out, LogFormat::kText, LogLevel::kInfo);
  out.setstate(std::ios::badbit);  // as a full disk leaves it
  log.announce("room again");
  EXPECT_EQ(out.str(), "room again\n");
}

TEST(RelayLog, LeavesOutWhatIsBelowItsLevel) {
  std::ostringstream out;
  Log log(out, LogFormat::kText, LogLevel::kWarning);
  log.lines().info("nothing");
  EXPECT_EQ(out.str(), "");
}

TEST(RelayLog, WritesOneJsonObjectPerLine) {
  std::ostringstream out;
  Log log(out, LogFormat::kJson, LogLevel::kInfo);
  log.lines().info("a \"quoted\"\nline");
  EXPECT_THAT(out.str(), EndsWith("}\n"));
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 1);
  const auto line = boost::json::parse(out.str()).as_object();
  EXPECT_EQ(line.at("msg").as_string(), "a \"quoted\"\nline");
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_THAT(std::string(line.at("ts").as_string()),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z"));
}

TEST(RelayLog, AnnouncesInJsonToo) {
  std::ostringstream out;
  Log log(out, LogFormat::kJson, LogLevel::kError);
  log.announce("listening");
  EXPECT_EQ(boost::json::parse(out.str()).at("msg").as_string(), "listening");
}

TEST(RelayLog, SaysWhyTheProgramEnds) {
  std::ostringstream text, json;
  Log(text, LogFormat::kText, LogLevel::kError).fail({apps::Exit::kConfig, "no"});
  Log(json, LogFormat::kJson, LogLevel::kError).fail({apps::Exit::kConfig, "no"});
  EXPECT_EQ(text.str(), "error: no\n");
  EXPECT_EQ(boost::json::parse(json.str()).at("level").as_string(), "error");
}

}  // namespace
}  // namespace quicket::relayd
