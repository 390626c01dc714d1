#include "transports/relay/target.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

const Address kAddress = Address::parse("203.0.113.5:4433").value();

TEST(RelayTarget, IsNamedByItsHost) {
  const RelayTarget target{.addresses = {kAddress}, .pins = {}, .host = "relay.test", .port = 4433};
  EXPECT_EQ(target.name(), "relay.test:4433");
  EXPECT_EQ(target.authority(), "relay.test:4433");
  EXPECT_EQ(target.server_name(), "relay.test");
}

TEST(RelayTarget, IsNamedByItsAddressWithoutAHost) {
  const RelayTarget target{.addresses = {kAddress}, .pins = {RelayPin{}}, .host = {}};
  EXPECT_EQ(target.name(), "203.0.113.5:4433");
  EXPECT_EQ(target.server_name(), "");
}

TEST(RelayTarget, NamesNoIpAddressToTls) {
  EXPECT_EQ((RelayTarget{.addresses = {kAddress}, .pins = {}, .host = "203.0.113.5"}.server_name()), "");
  EXPECT_EQ((RelayTarget{.addresses = {kAddress}, .pins = {}, .host = "2001:db8::1"}.server_name()), "");
}

TEST(RelayTarget, PutsAnIpv6HostInBrackets) {
  EXPECT_EQ((RelayTarget{.addresses = {kAddress}, .pins = {}, .host = "2001:db8::1", .port = 443}.authority()),
            "[2001:db8::1]:443");
}

TEST(RelayTarget, IsCompleteWithAnAddressAndAWayToKnowTheRelay) {
  EXPECT_TRUE((RelayTarget{.addresses = {kAddress}, .pins = {RelayPin{}}, .host = {}}.is_complete()));
  EXPECT_TRUE((RelayTarget{.addresses = {kAddress}, .pins = {}, .host = "relay.test"}.is_complete()));
  EXPECT_FALSE((RelayTarget{.addresses = {}, .pins = {RelayPin{}}, .host = {}}.is_complete()));
  EXPECT_FALSE((RelayTarget{.addresses = {kAddress}, .pins = {}, .host = {}}.is_complete()));
  EXPECT_FALSE((RelayTarget{.addresses = std::vector(9, kAddress), .pins = {RelayPin{}}, .host = {}}.is_complete()));
  EXPECT_FALSE((RelayTarget{.addresses = {kAddress}, .pins = std::vector<RelayPin>(5), .host = {}}.is_complete()));
}

}  // namespace
}  // namespace quicket::transports
