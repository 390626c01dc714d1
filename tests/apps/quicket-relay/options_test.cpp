#include "apps/quicket-relay/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::relayd {
namespace {

using apps::Exit;
using testing::HasSubstr;

// A system configuration, a user's, and the environment that names the latter.
class RelaySettings : public testing::Test {
 protected:
  RelaySettings() {
    std::filesystem::create_directories(folder / "config/quicket");
    environment["XDG_CONFIG_HOME"] = (folder / "config").string();
  }
  void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(folder / file) << text; }
  apps::Checked<apps::Settings> read(const std::vector<std::string>& arguments = {}) {
    return read_settings(arguments, environment, (folder / "system.conf").string());
  }

  TemporaryFolder folder;
  apps::Environment environment;
};

TEST_F(RelaySettings, ComeFromDefaultsWhenNothingIsSaid) {
  const auto settings = read();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->text("lease"), "2min");
  EXPECT_EQ(settings->text("admin"), "127.0.0.1:9433");
}

TEST_F(RelaySettings, FollowTheOrderOfTheirSources) {
  write("system.conf", "lease = 1min\nmax-ids = 1\nmax-window = 1\nmax-connections = 1\n");
  write("config/quicket/relay.conf", "max-ids = 2\nmax-window = 2\nmax-connections = 2\n");
  environment["QUICKET_RELAY_MAX_WINDOW"] = "3";
  environment["QUICKET_RELAY_MAX_CONNECTIONS"] = "3";
  const auto settings = read({"--max-connections", "4"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->text("lease"), "1min");
  EXPECT_EQ(settings->text("max-ids"), "2");
  EXPECT_EQ(settings->text("max-window"), "3");
  EXPECT_EQ(settings->text("max-connections"), "4");
}

TEST_F(RelaySettings, ComeFromOneNamedFileInsteadOfTheUsual) {
  write("system.conf", "lease = 1min\n");
  write("mine.conf", "max-ids = 9\n");
  const auto settings = read({"--config", (folder / "mine.conf").string()});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->text("max-ids"), "9");
  EXPECT_EQ(settings->text("lease"), "2min");
}

TEST_F(RelaySettings, MissANamedFileThatIsNotThere) {
  const auto settings = read({"--config", (folder / "none.conf").string()});
  ASSERT_TRUE(settings.has_error());
  EXPECT_EQ(settings.error().exit, Exit::kConfig);
  EXPECT_THAT(settings.error().message, HasSubstr("none.conf"));
}

TEST_F(RelaySettings, RefuseArgumentsThatAreNoOptions) {
  const auto settings = read({"start"});
  ASSERT_TRUE(settings.has_error());
  EXPECT_EQ(settings.error().exit, Exit::kUsage);
}

TEST_F(RelaySettings, GiveHelpThoughTheConfigurationIsBroken) {
  write("system.conf", "nonsense\n");
  const auto settings = read({"--help"});
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->is_on("help"));
}

TEST(RelayHelp, TellsEveryOption) {
  const std::string help = help_text();
  for (const apps::Option& option : option_table().rows())
    EXPECT_THAT(help, HasSubstr("--" + std::string(option.name)));
}

}  // namespace
}  // namespace quicket::relayd
