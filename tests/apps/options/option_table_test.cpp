#include "apps/options/option_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/apps/options/sample_table.hpp"

namespace quicket::apps {
namespace {

using test::kTable;
using testing::HasSubstr;

TEST(OptionTable, FindsAnOptionByItsName) {
  ASSERT_NE(kTable.find("lease"), nullptr);
  EXPECT_EQ(kTable.find("lease")->initial, "2min");
  EXPECT_EQ(kTable.find("leas"), nullptr);
}

TEST(OptionTable, KnowsWhatASlipOfTheFingerMeant) {
  ASSERT_NE(kTable.nearest("lisen"), nullptr);
  EXPECT_EQ(kTable.nearest("lisen")->name, "listen");
  EXPECT_EQ(kTable.nearest("something"), nullptr);
  EXPECT_EQ(kTable.nearest(std::string(100'000, 'x')), nullptr);
}

TEST(OptionTable, NamesVariablesInCapitals) {
  EXPECT_EQ(kTable.variable_of(*kTable.find("max-ids")), "SAMPLE_MAX_IDS");
}

TEST(OptionTable, DescribesEachOptionWithItsDefault) {
  const std::string help = kTable.help();
  EXPECT_THAT(help, HasSubstr("-q, --quiet"));
  EXPECT_THAT(help, HasSubstr("--lease DURATION"));
  EXPECT_THAT(help, HasSubstr("how long (default: 2min)"));
}

TEST(OptionTable, KeepsTheHelpWithinItsWidth) {
  std::istringstream lines(kTable.help(50));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 50u) << line;
}

}  // namespace
}  // namespace quicket::apps
