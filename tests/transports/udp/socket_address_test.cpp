#include "transports/udp/socket_address.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

Address address(const char* text) { return Address::parse(text).value(); }

TEST(SocketAddress, ComesBackTheSameForBothKinds) {
  for (const char* text : {"192.0.2.1:443", "0.0.0.0:0"}) {
    EXPECT_EQ(from_socket_address(to_socket_address(address(text), AF_INET)->storage), address(text));
  }
  for (const char* text : {"[2001:db8::1]:65535", "[::]:0"}) {
    EXPECT_EQ(from_socket_address(to_socket_address(address(text), AF_INET6)->storage), address(text));
  }
}

TEST(SocketAddress, MapsIpv4OnAnIpv6SocketAndBack) {
  const auto mapped = to_socket_address(address("192.0.2.1:443"), AF_INET6);
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->storage.ss_family, AF_INET6);
  EXPECT_EQ(from_socket_address(mapped->storage), address("192.0.2.1:443"));
}

TEST(SocketAddress, HasNoIpv6OnAnIpv4Socket) { EXPECT_FALSE(to_socket_address(address("[2001:db8::1]:443"), AF_INET)); }

TEST(SocketAddress, IsNothingForAnotherFamily) {
  sockaddr_storage unix_address{};
  unix_address.ss_family = AF_UNIX;
  EXPECT_FALSE(from_socket_address(unix_address));
}

}  // namespace
}  // namespace quicket
