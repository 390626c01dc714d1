#include "apps/quicket/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "apps/quicket/help.hpp"
#include "apps/quicket/options.hpp"

namespace quicket::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Checked<FoundCommand> find(std::vector<std::string> words) { return find_command(words); }

TEST(Commands, AllHaveASummaryAndAFunction) {
  std::set<std::string_view> names;
  for (const Command& command : all_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_LE(command.min_arguments, command.max_arguments) << command.name;
  }
}

TEST(Commands, TakeOnlyOptionsOfTheTable) {
  for (const Command& command : all_commands()) {
    for (const std::string_view option : command.options)
      EXPECT_NE(option_table().find(option), nullptr) << command.name << " " << option;
  }
}

TEST(Commands, LeaveNoOptionUnused) {
  for (const apps::Option& option : option_table().rows()) {
    const bool used =
        std::ranges::any_of(all_commands(), [&](const Command& command) { return takes(command, option.name); });
    EXPECT_TRUE(used) << option.name;
  }
}

TEST(Help, ListsEveryCommandWithItsSummary) {
  for (const Command& command : all_commands()) {
    if (command.hidden) {
      EXPECT_THAT(overview(), Not(HasSubstr(command.name)));
    } else {
      EXPECT_THAT(overview(), HasSubstr("  " + std::string(command.name)));
    }
  }
}

TEST(Help, TellsEveryOptionOfACommandWithItsVariable) {
  for (const Command& command : all_commands()) {
    const std::string text = help_for(command);
    for (const apps::Option& option : option_table().rows()) {
      if (!takes(command, option.name)) {
        EXPECT_THAT(text, Not(HasSubstr(", --" + std::string(option.name) + " "))) << command.name;
        continue;
      }
      EXPECT_THAT(text, HasSubstr("--" + std::string(option.name))) << command.name;
      if (option.configurable) {
        EXPECT_THAT(text, HasSubstr("[" + option_table().variable_of(option) + "]")) << command.name;
      }
    }
  }
}

TEST(Help, KeepsItsLinesShort) {
  constexpr std::size_t kLongest = 150;  // columns: prose and examples
  for (const Command& command : all_commands()) {
    std::istringstream lines(help_for(command) + overview());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), kLongest) << line;
  }
}

TEST(FindCommand, TakesOneWordOrTwo) {
  EXPECT_EQ(find({"dial", "bob"})->command->name, "dial");
  EXPECT_EQ(find({"dial", "bob"})->words, 1u);
  EXPECT_EQ(find({"trust", "add", "bob", "qk1"})->command->name, "trust add");
  EXPECT_EQ(find({"trust", "add", "bob", "qk1"})->words, 2u);
}

TEST(FindCommand, SuggestsWhatWasMeant) {
  const auto found = find({"dail", "bob"});
  EXPECT_EQ(found.error().exit, Exit::kUsage);
  EXPECT_THAT(found.error().message, HasSubstr("Did you mean quicket dial?"));
}

TEST(FindCommand, SuggestsNothingForSomethingElse) {
  EXPECT_THAT(find({"xyzzy"}).error().message, Not(HasSubstr("Did you mean")));
}

TEST(FindCommand, ListsTheWholeCommandsOfHalfAName) {
  EXPECT_THAT(find({"trust"}).error().message,
              HasSubstr("quicket trust add, quicket trust list, quicket trust remove"));
  EXPECT_THAT(find({"relay", "ad"}).error().message, HasSubstr("quicket relay add"));
}

TEST(FindCommand, WantsACommand) { EXPECT_EQ(find({}).error().exit, Exit::kUsage); }

TEST(FindCommand, ShowsNoControlCharacters) { EXPECT_THAT(find({"\x1b[2J"}).error().message, Not(HasSubstr("\x1b"))); }

}  // namespace
}  // namespace quicket::cli
