#include "relay/server/ports.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

const Address kAnyV6 = Address::parse("[::]:0").value();

Ports bound(const std::vector<Address>& addresses) { return Ports::bind(addresses, {}).value(); }

// received_by counts what a socket has got.
std::size_t received_by(UdpSocket& socket) {
  std::size_t count = 0;
  EXPECT_TRUE(socket.receive([&](std::span<const Received> run) { count += run.size(); }, 64));
  return count;
}

TEST(Ports, SendsFromTheSocketThatHoldsTheLocalAddress) {
  Ports ports = bound({Address::loopback(0), Address::loopback(0)});
  UdpSocket receiver = UdpSocket::bind(Address::loopback(0)).value();
  const Bytes datagram(40, std::byte{1});
  UdpSocket& second = ports.sockets()[1];
  ports.send({.local = second.local_address(), .remote = receiver.local_address()},
             {.bytes = datagram, .segment_size = 40});
  second.flush();
  Address from;
  ASSERT_TRUE(receiver.receive([&](std::span<const Received> run) { from = run.front().addresses.remote; }, 1));
  EXPECT_EQ(from, second.local_address());
}

TEST(Ports, DropsAndCountsWhatNoSocketCanSend) {
  Ports ports = bound({Address::loopback(0)});
  const Address elsewhere = Address::parse("127.0.0.2:9").value();
  const Bytes datagrams(100, std::byte{1});
  ports.send({.local = elsewhere, .remote = elsewhere}, {.bytes = datagrams, .segment_size = 40});
  EXPECT_EQ(ports.counters().dropped_refused, 3u);
  EXPECT_EQ(received_by(ports.sockets()[0]), 0u);
}

TEST(Ports, KeepsItsCountsWhenItCloses) {
  Ports ports = bound({Address::loopback(0)});
  UdpSocket& socket = ports.sockets()[0];
  const Bytes datagram(40, std::byte{1});
  ports.send({.local = socket.local_address(), .remote = socket.local_address()},
             {.bytes = datagram, .segment_size = 40});
  socket.flush();
  ports.close();
  EXPECT_TRUE(ports.sockets().empty());
  EXPECT_EQ(ports.counters().sent, 1u);
}

TEST(Ports, NamesTheAddressThatIsInUse) {
  const Ports ports = bound({Address::loopback(0)});
  const Address taken = ports.local_addresses().front();
  const auto second = Ports::bind({taken}, {});
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, boost::system::errc::address_in_use);
  EXPECT_NE(second.error().detail.find(taken.to_string()), std::string::npos);
}

TEST(Ports, TakesIpv4AndIpv6OnOnePortSideBySide) {
  Ports v4 = bound({Address()});
  const std::uint16_t port = v4.local_addresses().front().port();
  v4.close();
  const auto both = Ports::bind({kAnyV6.with_port(port), Address().with_port(port)}, {});
  if (!both && both.error().code == boost::system::errc::address_family_not_supported) GTEST_SKIP() << "no IPv6 here";
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_TRUE(both->local_addresses().front().is_v4());
}

TEST(Ports, RefusesToListenNowhere) { EXPECT_TRUE(Ports::bind({}, {}).has_error()); }

}  // namespace
}  // namespace quicket::relay
