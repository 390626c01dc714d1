#include <quicket/address.hpp>

#include <gtest/gtest.h>

#include "core/base/quota_address.hpp"

namespace quicket {
namespace {

TEST(Address, ReadsWhatItPrints) {
  for (const char* text : {"192.0.2.1:443", "0.0.0.0:0", "[2001:db8::1]:65535", "[::]:1"}) {
    EXPECT_EQ(Address::parse(text).value().to_string(), text);
  }
}

TEST(Address, RefusesWhatIsNotOne) {
  for (const char* text : {"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3:4", "::1:80",
                           "[1.2.3.4]:5", "[::1%lo]:5", "host:80", "1.2.3.4:80 "}) {
    EXPECT_TRUE(Address::parse(text).has_error()) << text;
  }
}

TEST(Address, RefusesAZeroByte) {
  EXPECT_TRUE(Address::parse(std::string_view("1.2.3.4\0x:5", 11)).has_error());
  EXPECT_TRUE(Address::parse(std::string_view("[::1\0x]:5", 10)).has_error());
}

TEST(Address, StoresMappedIpv4AsIpv4) {
  EXPECT_EQ(Address::parse("[::ffff:192.0.2.1]:5").value(), Address::parse("192.0.2.1:5").value());
}

TEST(Address, TakesOnlyFourOrSixteenBytes) {
  const Bytes bytes(17);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(Address::from(ByteView(bytes).first(size), 1).has_value(), size == 4 || size == 16) << size;
  }
}

TEST(Address, KnowsWhichAddressesAreSpecial) {
  const auto ip = [](const char* text) { return Address::parse(text).value(); };
  EXPECT_TRUE(ip("127.8.8.8:1").is_loopback() && ip("[::1]:1").is_loopback());
  EXPECT_TRUE(ip("0.0.0.0:1").is_unspecified() && ip("[::]:1").is_unspecified());
  EXPECT_TRUE(ip("169.254.1.1:1").is_link_local() && ip("[fe80::1]:1").is_link_local());
  EXPECT_TRUE(ip("224.0.0.1:1").is_multicast() && ip("255.255.255.255:1").is_multicast() &&
              ip("[ff02::1]:1").is_multicast());
  for (const char* text :
       {"10.0.0.1:1", "172.16.0.1:1", "172.31.255.255:1", "192.168.0.1:1", "100.64.0.1:1", "[fd00::1]:1"}) {
    EXPECT_TRUE(ip(text).is_private()) << text;
  }
  for (const char* text : {"8.8.8.8:1", "172.32.0.1:1", "100.128.0.1:1", "[2001:db8::1]:1"}) {
    const Address address = ip(text);
    EXPECT_FALSE(address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast() ||
                 address.is_unspecified())
        << text;
  }
}

TEST(QuotaAddress, IsTheSameForAllPortsOfAnIpv4AddressAndAllHostsOfAnIpv6Site) {
  const auto quota = [](const char* text) { return quota_address(Address::parse(text).value()); };
  EXPECT_EQ(quota("192.0.2.1:1"), quota("192.0.2.1:2"));
  EXPECT_NE(quota("192.0.2.1:1"), quota("192.0.2.2:1"));
  EXPECT_EQ(quota("[2001:db8:1:2:3:4:5:6]:1"), quota("[2001:db8:1:2::9]:2"));
  EXPECT_NE(quota("[2001:db8:1:2::9]:1"), quota("[2001:db8:1:3::9]:1"));
}

}  // namespace
}  // namespace quicket
