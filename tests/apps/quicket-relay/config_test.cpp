#include "apps/quicket-relay/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/quicket-relay/options.hpp"
#include "relay/mailbox/mailboxes.hpp"

namespace quicket::relayd {
namespace {

using namespace std::chrono_literals;
using apps::Exit;
using testing::ElementsAre;
using testing::HasSubstr;

const apps::Environment kHome{{"HOME", "/people/op"}};

apps::Checked<Config> config_of(const std::vector<std::string>& arguments, const apps::Environment& environment = kHome,
                                bool terminal = false, bool root = false) {
  const auto settings = read_settings(arguments, environment, "/nonexistent/relay.conf");
  if (!settings) return settings.error();
  return read_config(*settings, environment, terminal, root);
}
Address address(const char* text) { return Address::parse(text).value(); }

void expect_usage(const std::vector<std::string>& arguments, const char* part) {
  const auto config = config_of(arguments);
  ASSERT_TRUE(config.has_error()) << part;
  EXPECT_EQ(config.error().exit, Exit::kUsage);
  EXPECT_THAT(config.error().message, HasSubstr(part));
}

TEST(RelayConfig, ListensEverywhereByDefault) {
  const auto config = config_of({});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->listen, ElementsAre(address("0.0.0.0:4433"), address("[::]:4433")));
  EXPECT_TRUE(config->ipv6_is_optional);
  EXPECT_EQ(config->admin, address("127.0.0.1:9433"));
}

TEST(RelayConfig, TakesPortsAndAddressesToListenOn) {
  const auto config = config_of({"--listen", "443", "--listen", "[::1]:5"});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->listen, ElementsAre(address("0.0.0.0:443"), address("[::]:443"), address("[::1]:5")));
  EXPECT_FALSE(config->ipv6_is_optional);
}

TEST(RelayConfig, TakesTheAdminEndpointAway) { EXPECT_EQ(config_of({"--admin", "off"})->admin, std::nullopt); }

TEST(RelayConfig, HasTheDefaultsOfTheTable) {
  const auto config = config_of({});
  ASSERT_TRUE(config);
  const relay::Limits limits;
  EXPECT_EQ(config->limits.registrations, limits.registrations);
  EXPECT_EQ(config->limits.registrations_per_address, limits.registrations_per_address);
  EXPECT_EQ(config->limits.ids_per_address, limits.ids_per_address);
  EXPECT_EQ(config->limits.ids, limits.ids);
  EXPECT_EQ(config->limits.window, limits.window);
  EXPECT_EQ(config->limits.quiet_lease, limits.quiet_lease);
  EXPECT_EQ(config->limits.absolute_lease, limits.absolute_lease);
  EXPECT_FALSE(config->limits.allow_special);
  EXPECT_EQ(config->drain_timeout, Duration(10s));
  EXPECT_TRUE(config->bearer_keys);
  EXPECT_EQ(config->mailbox_bytes, relay::MailboxLimits{}.bytes);
}

TEST(RelayConfig, LeavesAnAddressRoomForAWindowThatSlides) {
  const auto config = config_of({"--max-per-address", "1", "--max-window", "64"});
  ASSERT_TRUE(config);
  EXPECT_GE(config->limits.ids_per_address, 128u);
}

TEST(RelayConfig, ReadsSwitches) {
  const auto config = config_of({"--allow-loopback", "--no-bearer-keys", "--require-peer-token"});
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->limits.allow_special);
  EXPECT_FALSE(config->bearer_keys);
  EXPECT_TRUE(config->require_peer_token);
}

TEST(RelayConfig, KeepsStateWhereItsUserKeepsData) {
  EXPECT_EQ(config_of({})->state, "/people/op/.local/share/quicket/relay");
  EXPECT_EQ(config_of({}, {{"HOME", "/people/op"}, {"XDG_DATA_HOME", "/data"}})->state, "/data/quicket/relay");
  EXPECT_EQ(config_of({"--state", "/mine"})->state, "/mine");
}

TEST(RelayConfig, KeepsStateOfServicesInTheSystemsFolder) {
  EXPECT_EQ(config_of({}, kHome, false, true)->state, "/var/lib/quicket-relay");
  EXPECT_EQ(config_of({}, {{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}})->state, "/var/lib/a");
}

TEST(RelayConfig, AsksForAPlaceWhereNothingNamesOne) {
  const auto config = config_of({}, {});
  ASSERT_TRUE(config.has_error());
  EXPECT_EQ(config.error().exit, Exit::kConfig);
  EXPECT_THAT(config.error().message, HasSubstr("--state"));
}

TEST(RelayConfig, WritesJsonWhereNobodyWatches) {
  EXPECT_EQ(config_of({}, kHome, false)->log_format, LogFormat::kJson);
  EXPECT_EQ(config_of({}, kHome, true)->log_format, LogFormat::kText);
  EXPECT_EQ(config_of({"--log-format", "text"}, kHome, false)->log_format, LogFormat::kText);
}

TEST(RelayConfig, TakesAHostWithBrackets) {
  EXPECT_EQ(config_of({"--host", "[2001:db8::1]"})->host, "2001:db8::1");
  EXPECT_EQ(config_of({"--host", "relay.example"})->host, "relay.example");
}

TEST(RelayConfig, RefusesWrongValuesAndNamesThem) {
  expect_usage({"--listen", "nowhere"}, "--listen");
  expect_usage({"--listen", "70000"}, "--listen");
  expect_usage({"--listen", "127.0.0.1:5", "--listen", "127.0.0.1:5"}, "twice");
  expect_usage({"--admin", "9433"}, "--admin");
  expect_usage({"--public", "0.0.0.0:4433"}, "--public");
  expect_usage({"--public", "192.0.2.1:0"}, "--public");
  expect_usage({"--host", "a b"}, "--host");
  expect_usage({"--host", "relay.example:4433"}, "--host");
  expect_usage({"--cert", "x"}, "--key");
  expect_usage({"--key", "x"}, "--cert");
  expect_usage({"--max-window", "0"}, "--max-window");
  expect_usage({"--mailbox-memory", "0"}, "--mailbox-memory");
  expect_usage({"--lease", "2"}, "--lease");
  expect_usage({"--lease", "1min", "--absolute-lease", "30s"}, "--absolute-lease");
  expect_usage({"--log-format", "xml"}, "--log-format");
  expect_usage({"--log-level", "loud"}, "--log-level");
}

}  // namespace
}  // namespace quicket::relayd
