#include "relay/table/target.hpp"

#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(Target, IsNeverUnspecifiedOrMulticastOrWithoutAPort) {
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "224.0.0.1:1", "255.255.255.255:1", "[ff02::1]:1", "8.8.8.8:0", "127.0.0.1:0"}) {
    EXPECT_FALSE(is_routable(from(address(text)), false)) << text;
    EXPECT_FALSE(is_routable(from(address(text)), true)) << text;
  }
}

TEST(Target, IsOnThisHostOrLinkOnlyWhereConfigured) {
  for (const char* text :
       {"127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "169.254.1.1:1", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_FALSE(is_routable(from(address(text)), false)) << text;
    EXPECT_TRUE(is_routable(from(address(text)), true)) << text;
  }
}

TEST(Target, IsAnyOtherAddressAndAnyTunnel) {
  for (const char* text : {"8.8.8.8:1", "10.0.0.1:1", "[2001:db8::1]:65535"}) {
    EXPECT_TRUE(is_routable(from(address(text)), false)) << text;
  }
  EXPECT_TRUE(is_routable(TunnelId{1}, false));
}

TEST(Party, LeavesOutTheRelaysOwnAddress) {
  EXPECT_EQ(party_of(AddressPair{kRelay, kAlice}), party_of(AddressPair{kBob, kAlice}));
  EXPECT_NE(party_of(TunnelId{1}), party_of(TunnelId{2}));
}

}  // namespace
}  // namespace quicket::relay
