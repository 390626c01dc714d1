#include "plugins/webhook/source_limits.hpp"

#include <gtest/gtest.h>

namespace quicket::plugin {
namespace {

boost::asio::ip::address address(const std::string& text) { return boost::asio::ip::make_address(text); }
boost::asio::ip::address numbered(unsigned number) { return boost::asio::ip::make_address_v4(0x0a000000 + number); }

TEST(SourceLimits, BoundTheConnectionsOfOneSource) {
  SourceLimits limits;
  for (std::size_t i = 0; i < SourceLimits::kMaxConnectionsOfSource; ++i)
    EXPECT_TRUE(limits.open(address("192.0.2.1"), 0));
  EXPECT_FALSE(limits.open(address("192.0.2.1"), 0));
  EXPECT_FALSE(limits.open(address("::ffff:192.0.2.1"), 0)) << "the same, as IPv6 sockets show it";
  EXPECT_TRUE(limits.open(address("192.0.2.2"), 0));
  limits.close(address("192.0.2.1"));
  EXPECT_TRUE(limits.open(address("192.0.2.1"), 0));
}

TEST(SourceLimits, TakeANetworkForOneSource) {
  SourceLimits limits;
  for (std::size_t i = 0; i < SourceLimits::kMaxConnectionsOfSource; ++i) {
    EXPECT_TRUE(limits.open(address("2001:db8:1:2::" + std::to_string(i + 1)), 0));
  }
  EXPECT_FALSE(limits.open(address("2001:db8:1:2:ffff::9"), 0));
  EXPECT_TRUE(limits.open(address("2001:db8:1:3::1"), 0));
}

TEST(SourceLimits, BoundAllConnections) {
  SourceLimits limits;
  for (unsigned i = 0; i < SourceLimits::kMaxConnections; ++i) EXPECT_TRUE(limits.open(numbered(i), 0));
  EXPECT_FALSE(limits.open(numbered(1'000), 0));
  limits.close(numbered(0));
  EXPECT_TRUE(limits.open(numbered(1'000), 0));
}

TEST(SourceLimits, BoundTheRequestsOfOneSource) {
  SourceLimits limits;
  for (int i = 0; i < SourceLimits::kBurst; ++i) EXPECT_FALSE(limits.request(numbered(1), 5'000)) << i;
  EXPECT_EQ(limits.request(numbered(1), 5'000), SourceLimits::kRequestEvery);
  EXPECT_FALSE(limits.request(numbered(2), 5'000));
  EXPECT_EQ(limits.request(numbered(1), 5'400), SourceLimits::kRequestEvery - 400);
  EXPECT_FALSE(limits.request(numbered(1), 6'000));
  EXPECT_TRUE(limits.request(numbered(1), 6'000));
}

TEST(SourceLimits, RememberABoundedNumberOfSources) {
  SourceLimits limits;
  for (unsigned i = 0; i < SourceLimits::kMaxSources; ++i) {
    ASSERT_TRUE(limits.open(numbered(i), 0));
    ASSERT_FALSE(limits.request(numbered(i), 0));
    limits.close(numbered(i));
  }
  EXPECT_FALSE(limits.open(numbered(5'000), 0));
  EXPECT_TRUE(limits.open(numbered(5'000), SourceLimits::kRequestEvery)) << "the others have rested";
}

}  // namespace
}  // namespace quicket::plugin
