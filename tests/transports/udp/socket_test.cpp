#include "tests/transports/udp/sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

namespace quicket {
namespace {

TEST(UdpSocket, TakesAFreePortAndTellsIt) {
  const UdpSocket socket = bound("127.0.0.1:0");
  EXPECT_NE(socket.local_address().port(), 0);
  EXPECT_EQ(socket.local_address().ip_string(), "127.0.0.1");
}

TEST(UdpSocket, SaysWhyItCannotBind) {
  const UdpSocket first = bound("127.0.0.1:0");
  const auto second = UdpSocket::bind(first.local_address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), boost::system::errc::address_in_use);
}

TEST(UdpSocket, SharesAPortWhenAsked) {
  const UdpSocket first = bound("127.0.0.1:0", {.reuse_port = true});
  EXPECT_TRUE(UdpSocket::bind(first.local_address(), {.reuse_port = true}).has_value());
}

TEST(UdpSocket, CarriesADatagramWithBothAddresses) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  send(a, to(b), "hello");
  const auto taken = take(b, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(as_text(taken[0].bytes), "hello");
  EXPECT_EQ(taken[0].addresses.remote, a.local_address());
  EXPECT_EQ(taken[0].addresses.local, b.local_address());
  EXPECT_EQ(b.counters().received, 1u);
  EXPECT_EQ(a.counters().sent, 1u);
}

TEST(UdpSocket, GivesNothingWhenNothingCame) {
  UdpSocket socket = bound("127.0.0.1:0");
  const auto received = socket.receive([](std::span<const Received>) { FAIL(); }, 64);
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(*received, 0u);
}

TEST(UdpSocket, TellsWhichOfItsAddressesADatagramWasSentTo) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("0.0.0.0:0");
  for (const std::string ip : {"127.0.0.1", "127.0.0.2"}) {
    const Address place = address(ip + ":" + std::to_string(b.local_address().port()));
    send(a, {.local = {}, .remote = place}, "x");
    const auto taken = take(b, 1);
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].addresses.local, place);
  }
}

TEST(UdpSocket, SendsFromTheLocalAddressOfThePair) {
  UdpSocket a = bound("0.0.0.0:0"), b = bound("127.0.0.1:0");
  for (const std::string ip : {"127.0.0.1", "127.0.0.2"}) {
    send(a, {.local = address(ip + ":1"), .remote = b.local_address()}, "x");
    const auto taken = take(b, 1);
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].addresses.remote, address(ip + ":" + std::to_string(a.local_address().port())));
  }
}

class UdpSocketEcn : public testing::TestWithParam<std::tuple<std::string, std::string, std::string, quic::Ecn>> {};

TEST_P(UdpSocketEcn, IsKept) {
  const auto& [from, at, through, ecn] = GetParam();
  if (!has_ipv6() && (from + at).find('[') != std::string::npos) GTEST_SKIP() << "no IPv6 on this host";
  UdpSocket a = bound(from), b = bound(at);
  const Address remote = address(through + ":" + std::to_string(b.local_address().port()));
  send(a, {.local = {}, .remote = remote}, "x", ecn);
  const auto taken = take(b, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].ecn, ecn);
  EXPECT_EQ(taken[0].addresses.local, remote);
}

INSTANTIATE_TEST_SUITE_P(
    OnEveryKindOfSocket, UdpSocketEcn, testing::ValuesIn([] {
      std::vector<std::tuple<std::string, std::string, std::string, quic::Ecn>> cases;
      for (const auto ecn : {quic::Ecn::kNotEct, quic::Ecn::kEct0, quic::Ecn::kEct1, quic::Ecn::kCe}) {
        cases.emplace_back("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1", ecn);
        cases.emplace_back("[::1]:0", "[::1]:0", "[::1]", ecn);
        cases.emplace_back("[::]:0", "[::]:0", "[::1]", ecn);
        cases.emplace_back("[::]:0", "[::]:0", "127.0.0.1", ecn);
        cases.emplace_back("127.0.0.1:0", "[::]:0", "127.0.0.2", ecn);
        cases.emplace_back("[::]:0", "127.0.0.1:0", "127.0.0.1", ecn);
      }
      return cases;
    }()));

TEST(UdpSocket, ShowsIpv4PeersOfADualStackSocketAsIpv4) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 on this host";
  UdpSocket dual = bound("[::]:0"), v4 = bound("127.0.0.1:0");
  send(v4, {.local = {}, .remote = Address::loopback(dual.local_address().port())}, "ask");
  const auto asked = take(dual, 1);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].addresses.remote, v4.local_address());
  send(dual, asked[0].addresses, "answer");
  const auto answered = take(v4, 1);
  ASSERT_EQ(answered.size(), 1u);
  EXPECT_EQ(answered[0].addresses.remote, Address::loopback(dual.local_address().port()));
}

TEST(UdpSocket, SendsFromTheIpv4AddressOfThePairOnADualStackSocket) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 on this host";
  UdpSocket dual = bound("[::]:0"), v4 = bound("127.0.0.1:0");
  send(dual, {.local = address("127.0.0.3:1"), .remote = v4.local_address()}, "x", quic::Ecn::kEct0);
  const auto taken = take(v4, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].addresses.remote.ip_string(), "127.0.0.3");
  EXPECT_EQ(taken[0].ecn, quic::Ecn::kEct0);
}

TEST(UdpSocket, SplitsABatchIntoItsSegments) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  Bytes bytes(100 * 1'200 + 7);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i / 1'200);
  a.send(to(b), {.bytes = bytes, .segment_size = 1'200, .ecn = quic::Ecn::kEct0});
  a.flush();
  const auto taken = take(b, 101);
  ASSERT_EQ(taken.size(), 101u);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(taken[i].bytes, Bytes(i < 100 ? 1'200 : 7, static_cast<std::byte>(i)));
    EXPECT_EQ(taken[i].ecn, quic::Ecn::kEct0);
  }
}

TEST(UdpSocket, ReceivesNoMoreThanAsked) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  for (int i = 0; i < 5; ++i) send(a, to(b), "x");
  EXPECT_EQ(b.receive([](std::span<const Received>) {}, 3).value(), 3u);
  EXPECT_EQ(b.receive([](std::span<const Received>) {}, 64).value(), 2u);
}

TEST(UdpSocket, LetsAHandlerAnswerAtOnce) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  send(a, to(b), "echo");
  ASSERT_EQ(b.receive(
                 [&](std::span<const Received> run) {
                   b.send(run[0].addresses, {run[0].bytes, run[0].bytes.size(), run[0].ecn});
                 },
                 64)
                .value(),
            1u);
  b.flush();
  const auto taken = take(a, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(as_text(taken[0].bytes), "echo");
}

TEST(UdpSocket, NeverFragments) {
  const UdpSocket v4 = bound("127.0.0.1:0");
  int mode = -1;
  socklen_t size = sizeof mode;
  ASSERT_EQ(::getsockopt(v4.native_handle(), IPPROTO_IP, IP_MTU_DISCOVER, &mode, &size), 0);
  EXPECT_EQ(mode, IP_PMTUDISC_PROBE);
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 on this host";
  const UdpSocket dual = bound("[::]:0");
  ASSERT_EQ(::getsockopt(dual.native_handle(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, &mode, &size), 0);
  EXPECT_EQ(mode, IPV6_PMTUDISC_PROBE);
  ASSERT_EQ(::getsockopt(dual.native_handle(), IPPROTO_IP, IP_MTU_DISCOVER, &mode, &size), 0);
  EXPECT_EQ(mode, IP_PMTUDISC_PROBE);
}

TEST(UdpSocket, CountsAnOversizeDatagramAndSendsTheNext) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  for (const std::size_t size : {65'508u, 70'000u}) {  // one that the kernel refuses, one that no UDP length can say
    const Bytes bytes(size);
    a.send(to(b), {.bytes = bytes, .segment_size = size});
  }
  send(a, to(b), "small");
  EXPECT_EQ(a.counters().dropped_too_large, 2u);
  EXPECT_EQ(a.counters().sent, 1u);
  const auto taken = take(b, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(as_text(taken[0].bytes), "small");
}

TEST(UdpSocket, DropsAndCountsWhatIsLargerThanItsBuffers) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0", {.max_datagram = 100});
  send(a, to(b), std::string(101, 'x'));
  send(a, to(b), std::string(100, 'y'));
  const auto taken = take(b, 1);  // the first is a datagram, but not one for the handler
  EXPECT_EQ(b.counters().received_too_large, 1u);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].bytes.size(), 100u);
}

TEST(UdpSocket, OutlivesAClosedPort) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  Address closed;
  {
    const UdpSocket gone = bound("127.0.0.1:0");
    closed = gone.local_address();
  }
  for (int i = 0; i < 3; ++i) {
    send(a, {.local = {}, .remote = closed}, "nobody");
    send(a, to(b), "somebody");
  }
  EXPECT_EQ(take(b, 3).size(), 3u);
  EXPECT_EQ(a.receive([](std::span<const Received>) {}, 64).value(), 0u);
}

TEST(UdpSocket, CountsWhatTheKernelRefusesAndSendsTheRest) {
  UdpSocket a = bound("0.0.0.0:0"), b = bound("127.0.0.1:0");
  const AddressPair not_ours{.local = address("192.0.2.77:1"), .remote = b.local_address()};
  const AddressPair no_port{.local = {}, .remote = address("127.0.0.1:0")};
  const AddressPair mixed{.local = address("[::1]:1"), .remote = b.local_address()};
  const AddressPair other_kind{.local = {}, .remote = address("[::1]:9")};
  for (const AddressPair& addresses : {not_ours, no_port, mixed, other_kind}) {
    a.send(addresses, {.bytes = as_bytes("lost"), .segment_size = 4});
    a.send(to(b), {.bytes = as_bytes("kept"), .segment_size = 4});
  }
  a.flush();
  EXPECT_EQ(a.counters().dropped_refused, 4u);
  EXPECT_EQ(take(b, 4).size(), 4u);
}

TEST(UdpSocket, PassesQueuedDatagramsOnBeforeItDropsAny) {
  UdpSocket a = bound("127.0.0.1:0", {.queue_datagrams = 2}), b = bound("127.0.0.1:0");
  for (int i = 0; i < 9; ++i) a.send(to(b), {.bytes = as_bytes("x"), .segment_size = 1});
  a.flush();
  EXPECT_EQ(a.counters().dropped_full, 0u);
  EXPECT_EQ(take(b, 9).size(), 9u);
}

TEST(UdpSocket, KeepsItsHandleWhenMoved) {
  UdpSocket a = bound("127.0.0.1:0"), b = bound("127.0.0.1:0");
  UdpSocket moved = std::move(b);
  send(a, to(moved), "x");
  EXPECT_EQ(take(moved, 1).size(), 1u);
}

}  // namespace
}  // namespace quicket
