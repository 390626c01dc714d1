#include "apps/quicket/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "apps/quicket/run.hpp"
#include "tests/core/base/temporary_folder.hpp"

namespace quicket::cli {
namespace {

using apps::CommandLine;
using apps::Environment;
using apps::Option;
using apps::Settings;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Checked<CommandLine> parse(const std::vector<std::string>& arguments) {
  return apps::parse_command_line(option_table(), arguments);
}

// Sources are the four places that settings come from.
struct Sources {
  std::vector<std::string> flags;
  Environment environment;
  std::string own_file, system_file;
};

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

Checked<Settings> gather(Sources sources) {
  const TemporaryFolder folder;
  sources.environment["XDG_CONFIG_HOME"] = folder.path();
  if (!sources.own_file.empty()) write(folder / "quicket" / "config", sources.own_file);
  if (!sources.system_file.empty()) write(folder / "system", sources.system_file);
  const auto line = parse(sources.flags);
  if (!line) return line.error();
  return settings_for(line->options, sources.environment, folder / "system");
}

const Sources kAllFour{.flags = {"--patience", "1s"},
                       .environment = {{"QUICKET_PATIENCE", "2s"}},
                       .own_file = "patience = 3s\n",
                       .system_file = "patience = 4s\n"};

TEST(Settings, PrefersFlags) { EXPECT_EQ(gather(kAllFour)->text("patience"), "1s"); }

TEST(Settings, PrefersTheEnvironmentToFiles) {
  Sources sources = kAllFour;
  sources.flags.clear();
  EXPECT_EQ(gather(sources)->text("patience"), "2s");
}

TEST(Settings, PrefersTheOwnFileToTheSystems) {
  Sources sources = kAllFour;
  sources.flags.clear();
  sources.environment.clear();
  EXPECT_EQ(gather(sources)->text("patience"), "3s");
}

TEST(Settings, TakesTheSystemsFileBeforeTheDefault) {
  EXPECT_EQ(gather({.system_file = "patience = 4s\n"})->text("patience"), "4s");
}

TEST(Settings, HasADefault) { EXPECT_EQ(gather({})->text("patience"), "15min"); }

TEST(Settings, ReplacesWholeLists) {
  const auto settings = gather(
      {.flags = {"--relay", "a", "-r", "b"}, .environment = {{"QUICKET_RELAY", "c d"}}, .own_file = "relay = e\n"});
  EXPECT_THAT(settings->list("relay"), ElementsAre("a", "b"));
}

TEST(Settings, ReadsListsFromTheEnvironmentByWords) {
  EXPECT_THAT(gather({.environment = {{"QUICKET_RELAY", " c  d "}}})->list("relay"), ElementsAre("c", "d"));
}

TEST(Settings, ReadsListsFromFilesByLines) {
  EXPECT_THAT(gather({.own_file = "# mine\nrelay = e\nrelay = f\n"})->list("relay"), ElementsAre("e", "f"));
}

TEST(Settings, ChainsTheFoldersOfCarriers) {
  const auto settings = gather({.flags = {"--carrier-path", "/a"},
                                .environment = {{"QUICKET_PLUGIN_PATH", "/b:/c"}},
                                .own_file = "carrier-path = /d\n"});
  EXPECT_THAT(settings->list("carrier-path"), ElementsAre("/a", "/b:/c", "/d"));
}

TEST(Settings, KeepsAHashInsideAValue) {
  EXPECT_THAT(gather({.environment = {{"QUICKET_RELAY", "https://h#pin=x"}}})->list("relay"),
              ElementsAre("https://h#pin=x"));
}

TEST(Settings, ReadsSwitchesFromEverySource) {
  EXPECT_TRUE(gather({.flags = {"--quiet"}})->is_on("quiet"));
  EXPECT_TRUE(gather({.flags = {"-q"}})->is_on("quiet"));
  EXPECT_TRUE(gather({.environment = {{"QUICKET_QUIET", "1"}}})->is_on("quiet"));
  EXPECT_TRUE(gather({.own_file = "quiet = yes\n"})->is_on("quiet"));
  EXPECT_FALSE(gather({})->is_on("quiet"));
}

TEST(Settings, LetsTheEnvironmentSwitchOffWhatAFileSwitchesOn) {
  EXPECT_FALSE(gather({.environment = {{"QUICKET_QUIET", "no"}}, .own_file = "quiet = yes\n"})->is_on("quiet"));
}

TEST(Settings, TakesAnEmptyVariableAsNotSet) {
  EXPECT_EQ(gather({.environment = {{"QUICKET_PATIENCE", ""}}, .own_file = "patience = 3s\n"})->text("patience"), "3s");
}

TEST(Settings, RefusesASwitchThatIsNeitherYesNorNo) {
  EXPECT_EQ(gather({.environment = {{"QUICKET_QUIET", "perhaps"}}}).error().exit, Exit::kUsage);
  EXPECT_EQ(gather({.own_file = "quiet = perhaps\n"}).error().exit, Exit::kConfig);
}

TEST(Settings, RefusesAFileWithAnUnknownName) {
  const auto settings = gather({.own_file = "patiense = 3s\n"});
  EXPECT_EQ(settings.error().exit, Exit::kConfig);
  EXPECT_THAT(settings.error().message, HasSubstr("patiense"));
}

TEST(Settings, RefusesAFileWithALineThatSaysNothing) {
  EXPECT_EQ(gather({.own_file = "what\n"}).error().exit, Exit::kConfig);
}

TEST(Settings, LetsNoFileSealOffersLess) {
  EXPECT_EQ(gather({.own_file = "unsealed = yes\n"}).error().exit, Exit::kConfig);
}

TEST(Settings, RefusesAValueGivenTwice) {
  const auto settings = gather({.flags = {"--patience", "1s", "--patience", "2s"}});
  EXPECT_EQ(settings.error().exit, Exit::kUsage);
  EXPECT_THAT(settings.error().message, HasSubstr("twice"));
}

TEST(Settings, BlamesTheSourceOfAWrongValue) {
  EXPECT_EQ(gather({.flags = {"--patience", "x"}})->complain("patience", "bad").exit, Exit::kUsage);
  const auto from_file = gather({.own_file = "patience = x\n"});
  EXPECT_EQ(from_file->complain("patience", "bad").exit, Exit::kConfig);
  EXPECT_THAT(from_file->complain("patience", "bad").message, HasSubstr("config: patience: bad"));
}

TEST(QuicketCommandLine, TakesOptionsAnywhere) {
  const auto line = parse({"--json", "dial", "--patience=5s", "bob", "-c", "qr:out=a,b=c"});
  EXPECT_THAT(line->words, ElementsAre("dial", "bob"));
  EXPECT_THAT(line->options.at("carrier"), ElementsAre("qr:out=a,b=c"));
  EXPECT_THAT(line->options.at("patience"), ElementsAre("5s"));
}

TEST(QuicketCommandLine, EndsOptionsAtTwoDashes) {
  const auto line = parse({"trust", "remove", "--", "--json"});
  EXPECT_THAT(line->words, ElementsAre("trust", "remove", "--json"));
  EXPECT_THAT(line->options, IsEmpty());
}

TEST(QuicketCommandLine, SuggestsTheOptionThatWasMeant) {
  const auto line = parse({"dial", "--patence", "5s"});
  EXPECT_EQ(line.error().exit, Exit::kUsage);
  EXPECT_THAT(line.error().message, HasSubstr("Did you mean --patience?"));
}

TEST(QuicketCommandLine, CompletesNoHalfOption) { EXPECT_EQ(parse({"--qui"}).error().exit, Exit::kUsage); }

TEST(QuicketCommandLine, RefusesAnOptionWithoutItsValue) {
  EXPECT_EQ(parse({"dial", "--patience"}).error().exit, Exit::kUsage);
}

TEST(Options, HaveEachNameLetterAndVariableOnce) {
  std::map<std::string, int> seen;
  for (const Option& option : option_table().rows()) {
    EXPECT_EQ(++seen["--" + std::string(option.name)], 1) << option.name;
    if (option.configurable) {
      EXPECT_EQ(++seen[option_table().variable_of(option)], 1) << option.name;
    }
    if (option.letter != 0) {
      EXPECT_EQ(++seen[std::string(1, option.letter)], 1) << option.letter;
    }
    EXPECT_FALSE(option.meaning.empty()) << option.name;
  }
}

TEST(Options, AreNamedInTheEnvironmentAfterTheirFlags) {
  EXPECT_EQ(option_table().variable_of(*option_table().find("no-progress")), "QUICKET_NO_PROGRESS");
  EXPECT_EQ(option_table().variable_of(*option_table().find("carrier-path")), "QUICKET_PLUGIN_PATH");
}

TEST(Manner, MovesAndColoursOnlyOnATerminal) {
  EXPECT_TRUE(manner_for(*gather({}), {}, true).moving);
  EXPECT_TRUE(manner_for(*gather({}), {}, true).colour);
  EXPECT_FALSE(manner_for(*gather({}), {}, false).moving);
  EXPECT_FALSE(manner_for(*gather({}), {}, false).colour);
  EXPECT_FALSE(manner_for(*gather({}), {{"TERM", "dumb"}}, true).moving);
}

TEST(Manner, HonoursNoColor) {
  const Manner manner = manner_for(*gather({}), {{"NO_COLOR", "1"}}, true);
  EXPECT_FALSE(manner.colour);
  EXPECT_TRUE(manner.moving);
}

}  // namespace
}  // namespace quicket::cli
