#include "apps/quicket-relay/host.hpp"

#include <gtest/gtest.h>

namespace quicket::relayd {
namespace {

Address address(const char* text) { return Address::parse(text).value(); }

Config listening_on(std::vector<Address> listen) {
  Config config;
  config.listen = std::move(listen);
  return config;
}
const std::vector<Address> kEverywhere{address("0.0.0.0:4433"), address("[::]:4433")};

std::optional<Address> only_v6(bool v4) { return v4 ? std::nullopt : std::optional(address("[2001:db8::5]:0")); }
std::optional<Address> both(bool v4) { return v4 ? address("203.0.113.5:0") : address("[2001:db8::5]:0"); }
std::optional<Address> behind_a_nat(bool v4) { return v4 ? std::optional(address("10.0.0.5:0")) : std::nullopt; }
std::optional<Address> none(bool) { return std::nullopt; }

TEST(RelayHost, IsWhatIsConfigured) {
  Config config = listening_on(kEverywhere);
  config.host = "relay.example";
  config.public_addresses = {address("198.51.100.7:443")};
  const Host host = choose_host(config, both);
  EXPECT_EQ(host.name, "relay.example");
  EXPECT_EQ(host.port, 443);
}

TEST(RelayHost, IsThePublicAddress) {
  Config config = listening_on(kEverywhere);
  config.public_addresses = {address("198.51.100.7:443")};
  EXPECT_EQ(choose_host(config, both).name, "198.51.100.7");
}

TEST(RelayHost, IsTheAddressToListenOn) {
  const Host host = choose_host(listening_on({address("127.0.0.1:0")}), both);
  EXPECT_EQ(host.name, "127.0.0.1");
  EXPECT_EQ(host.port, 0);
  EXPECT_FALSE(host.is_private);
}

TEST(RelayHost, IsThisMachinesAddressOnTheInternet) {
  EXPECT_EQ(choose_host(listening_on(kEverywhere), both).name, "203.0.113.5");
  EXPECT_EQ(choose_host(listening_on(kEverywhere), only_v6).name, "2001:db8::5");
}

TEST(RelayHost, IsAPrivateGuessBehindANat) {
  const Host host = choose_host(listening_on(kEverywhere), behind_a_nat);
  EXPECT_EQ(host.name, "10.0.0.5");
  EXPECT_TRUE(host.is_private);
}

TEST(RelayHost, IsLoopbackOnAMachineAlone) {
  const Host host = choose_host(listening_on(kEverywhere), none);
  EXPECT_EQ(host.name, "127.0.0.1");
  EXPECT_TRUE(host.is_private);
}

}  // namespace
}  // namespace quicket::relayd
