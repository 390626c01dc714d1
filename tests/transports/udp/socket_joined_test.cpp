#include "tests/transports/udp/sockets.hpp"
#include "transports/udp/socket_address.hpp"

#include <set>

namespace quicket {
namespace {

// Offload is which of a pair of sockets join datagrams.
struct Offload {
  bool sends = false, receives = false;
};

// Pair is a sender `a`, on every address of this host, and a receiver `b`.
struct Pair {
  explicit Pair(Offload offload)
      : a(bound("0.0.0.0:0", {.join_sent = offload.sends})),
        b(bound("127.0.0.1:0", {.join_received = offload.receives, .max_datagram = 1'500})) {}
  UdpSocket a, b;
};

// numbered gives datagrams of one size, each full of its number, with a shorter one at the end.
Bytes numbered(std::size_t count, std::size_t size, std::size_t last) {
  Bytes bytes((count - 1) * size + last);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i / size);
  return bytes;
}

class JoinedUdpSocket : public testing::TestWithParam<Offload> {};
INSTANTIATE_TEST_SUITE_P(OnAndOff, JoinedUdpSocket,
                         testing::Values(Offload{false, false}, Offload{true, false}, Offload{false, true},
                                         Offload{true, true}),
                         [](const auto& tested) {
                           return std::string(tested.param.sends ? "Send" : "NoSend") +
                                  (tested.param.receives ? "Receive" : "NoReceive");
                         });

TEST_P(JoinedUdpSocket, CarriesEveryDatagramOfARunByItself) {
  Pair pair(GetParam());
  pair.a.send(to(pair.b), {.bytes = numbered(200, 1'200, 7), .segment_size = 1'200});
  pair.a.flush();
  const auto taken = take(pair.b, 200);
  ASSERT_EQ(taken.size(), 200u);
  for (std::size_t i = 0; i < 200; ++i)
    EXPECT_EQ(taken[i].bytes, Bytes(i < 199 ? 1'200 : 7, static_cast<std::byte>(i)));
  EXPECT_EQ(pair.a.counters().sent, 200u);
  EXPECT_EQ(pair.b.counters().received, 200u);
}

TEST_P(JoinedUdpSocket, KeepsTheMarkAndTheSourceOfEveryDatagram) {
  Pair pair(GetParam());
  const Bytes run = numbered(3, 1'000, 1'000);
  std::vector<std::pair<std::string, quic::Ecn>> expected;
  for (const quic::Ecn ecn : {quic::Ecn::kEct0, quic::Ecn::kCe, quic::Ecn::kNotEct, quic::Ecn::kEct1}) {
    for (const std::string ip : {"127.0.0.1", "127.0.0.2", "127.0.0.3"}) {
      pair.a.send({.local = address(ip + ":0"), .remote = pair.b.local_address()},
                  {.bytes = run, .segment_size = 1'000, .ecn = ecn});
      expected.insert(expected.end(), 3, {ip, ecn});
    }
  }
  pair.a.flush();
  const auto taken = take(pair.b, expected.size());
  ASSERT_EQ(taken.size(), expected.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(std::pair(taken[i].addresses.remote.ip_string(), taken[i].ecn), expected[i]);
    EXPECT_EQ(taken[i].addresses.local, pair.b.local_address());
  }
}

TEST_P(JoinedUdpSocket, KeepsTheOrderOfRunsAndSingleDatagrams) {
  Pair pair(GetParam());
  std::size_t next = 0;
  for (const std::size_t count : {1u, 5u, 1u, 1u, 64u, 2u}) {
    Bytes bytes(count * 100);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(next + i / 100);
    next += count;
    pair.a.send(to(pair.b), {.bytes = bytes, .segment_size = 100});
  }
  pair.a.flush();
  const auto taken = take(pair.b, next);
  ASSERT_EQ(taken.size(), next);
  for (std::size_t i = 0; i < next; ++i) EXPECT_EQ(taken[i].bytes.front(), static_cast<std::byte>(i));
}

TEST_P(JoinedUdpSocket, DropsEveryDatagramThatIsTooLarge) {
  Pair pair(GetParam());
  pair.a.send(to(pair.b), {.bytes = Bytes(5 * 1'501), .segment_size = 1'501});
  send(pair.a, to(pair.b), "small");
  const auto taken = take(pair.b, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(as_text(taken[0].bytes), "small");
  EXPECT_EQ(pair.b.counters().received_too_large, 5u);
}

TEST_P(JoinedUdpSocket, TakesAnEmptyDatagramForOne) {
  Pair pair(GetParam());
  const auto remote = to_socket_address(pair.b.local_address(), AF_INET);
  ASSERT_EQ(::sendto(pair.a.native_handle(), "", 0, 0, remote->data(), remote->size), 0);
  const auto taken = take(pair.b, 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_TRUE(taken[0].bytes.empty());
}

TEST(UdpSocketOffload, SendsARunAsFewMessagesAndReceivesItSo) {
  Pair pair({.sends = true, .receives = true});
  pair.a.send(to(pair.b), {.bytes = numbered(200, 1'200, 1'200), .segment_size = 1'200});
  ASSERT_EQ(take(pair.b, 200).size(), 200u);
  EXPECT_EQ(pair.a.counters().sent_messages, 4u);  // 54 datagrams each: what 65,507 bytes hold
  EXPECT_EQ(pair.b.counters().received_messages, 4u);
}

TEST(UdpSocketOffload, SendsEachDatagramAsAMessageWhenSwitchedOff) {
  Pair pair({.sends = false, .receives = false});
  pair.a.send(to(pair.b), {.bytes = numbered(200, 1'200, 1'200), .segment_size = 1'200});
  pair.a.flush();
  ASSERT_EQ(take(pair.b, 200).size(), 200u);
  EXPECT_FALSE(pair.a.joins_sent());
  EXPECT_EQ(pair.a.counters().sent_messages, 200u);
  EXPECT_EQ(pair.b.counters().received_messages, 200u);
}

TEST(UdpSocketOffload, JoinsAtMostSixtyFourDatagrams) {
  Pair pair({.sends = true, .receives = true});
  pair.a.send(to(pair.b), {.bytes = numbered(130, 100, 100), .segment_size = 100});
  ASSERT_EQ(take(pair.b, 130).size(), 130u);
  EXPECT_EQ(pair.a.counters().sent_messages, 3u);
}

TEST(UdpSocketOffload, JoinsNeighboursThatWereSentOneByOne) {
  Pair pair({.sends = true, .receives = true});
  for (int i = 0; i < 40; ++i) pair.a.send(to(pair.b), {.bytes = Bytes(1'200), .segment_size = 1'200});
  pair.a.flush();
  EXPECT_EQ(take(pair.b, 40).size(), 40u);
  EXPECT_EQ(pair.a.counters().sent_messages, 1u);
}

TEST(UdpSocketOffload, HandsARunOverInOneCallWithItsBytesSideBySide) {
  Pair pair({.sends = true, .receives = true});
  pair.a.send(to(pair.b), {.bytes = numbered(10, 1'200, 500), .segment_size = 1'200});
  std::multiset<std::size_t> runs;
  const auto received = pair.b.receive(
      [&](std::span<const Received> run) {
        runs.insert(run.size());
        for (std::size_t i = 1; i < run.size(); ++i)
          EXPECT_EQ(run[i].bytes.data(), run[i - 1].bytes.data() + run[i - 1].bytes.size());
      },
      1);
  EXPECT_EQ(received.value(), 10u);  // a message is taken whole, however few were asked for
  EXPECT_EQ(runs, std::multiset<std::size_t>{10});
}

}  // namespace
}  // namespace quicket
