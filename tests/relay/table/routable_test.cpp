#include "relay/table/routable.hpp"

#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(Routable, IsNeverUnspecifiedOrMulticastOrWithoutAPort) {
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "224.0.0.1:1", "255.255.255.255:1", "[ff02::1]:1", "8.8.8.8:0", "127.0.0.1:0"}) {
    EXPECT_FALSE(is_routable(address(text), false)) << text;
    EXPECT_FALSE(is_routable(address(text), true)) << text;
  }
}

TEST(Routable, IsOnThisHostOrLinkOnlyWhereConfigured) {
  for (const char* text :
       {"127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "169.254.1.1:1", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_FALSE(is_routable(address(text), false)) << text;
    EXPECT_TRUE(is_routable(address(text), true)) << text;
  }
}

TEST(Routable, IsAnyOtherAddress) {
  for (const char* text : {"8.8.8.8:1", "10.0.0.1:1", "[2001:db8::1]:65535"}) {
    EXPECT_TRUE(is_routable(address(text), false)) << text;
  }
}

}  // namespace
}  // namespace quicket::relay
