// A loopback never lets a sender wait, and cuts every message into datagrams. So this program stands in for a kernel
// that does otherwise: its sendmmsg takes `budget` messages, none of more than `mtu` bytes a datagram, and it refuses
// to cut any with the error `cut_error`, if there is one.
#include "transports/udp/socket.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace {

int budget = 0;
std::size_t mtu = 0;
int cut_error = 0;
std::vector<std::string> taken;  // messages

bool is_to_be_cut(const msghdr& message) {
  auto* walked = const_cast<msghdr*>(&message);
  for (cmsghdr* header = CMSG_FIRSTHDR(walked); header != nullptr; header = CMSG_NXTHDR(walked, header)) {
    if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_SEGMENT) return true;
  }
  return false;
}

int error_of(const msghdr& message) {
  if (is_to_be_cut(message)) return cut_error;
  return message.msg_iov->iov_len > mtu ? EMSGSIZE : 0;
}

}  // namespace

extern "C" int sendmmsg(int, mmsghdr* messages, unsigned count, int) {
  if (budget == 0) {
    errno = EAGAIN;
    return -1;
  }
  int passed = 0;
  for (; passed < std::min(budget, static_cast<int>(count)); ++passed) {
    const msghdr& message = messages[passed].msg_hdr;
    if (const int error = error_of(message); error != 0) {
      if (passed > 0) break;
      errno = error;
      return -1;
    }
    taken.emplace_back(static_cast<const char*>(message.msg_iov->iov_base), message.msg_iov->iov_len);
  }
  budget -= passed;
  return passed;
}

namespace quicket {
namespace {

const AddressPair kSomewhere{.local = {}, .remote = Address::loopback(9)};

class BlockedUdpSocket : public testing::Test {
 protected:
  void SetUp() override {
    budget = 0;
    mtu = 1'500;
    cut_error = 0;
    taken.clear();
  }

  void send(UdpSocket& socket, int first, int last) {
    for (int i = first; i <= last; ++i) {
      const std::string text = std::to_string(i);
      socket.send(kSomewhere, {.bytes = as_bytes(text), .segment_size = text.size()});
    }
  }
};

TEST_F(BlockedUdpSocket, WantsToWriteAndSendsInOrderLater) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.join_sent = false}).value();
  send(socket, 1, 3);
  EXPECT_FALSE(socket.wants_write());
  budget = 1;
  socket.flush();
  EXPECT_TRUE(socket.wants_write());
  EXPECT_EQ(socket.queued(), 2u);
  send(socket, 4, 4);
  budget = 100;
  socket.flush();
  EXPECT_FALSE(socket.wants_write());
  EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_F(BlockedUdpSocket, KeepsWhatItsQueueHoldsAndCountsTheRest) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.join_sent = false, .queue_datagrams = 5}).value();
  send(socket, 1, 9);
  EXPECT_TRUE(socket.wants_write());
  EXPECT_EQ(socket.queued(), 5u);
  EXPECT_EQ(socket.counters().dropped_full, 4u);
  budget = 100;
  socket.flush();
  EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

TEST_F(BlockedUdpSocket, BoundsTheBytesToo) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.queue_bytes = 3}).value();
  send(socket, 1, 4);
  EXPECT_EQ(socket.queued(), 3u);
  EXPECT_EQ(socket.counters().dropped_full, 1u);
}

TEST_F(BlockedUdpSocket, QueuesARunThatTheKernelDoesNotTakeNow) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
  socket.send(kSomewhere, {.bytes = as_bytes("aabbc"), .segment_size = 2});
  EXPECT_TRUE(socket.wants_write());
  EXPECT_EQ(socket.queued(), 3u);
  budget = 100;
  socket.flush();
  EXPECT_EQ(taken, (std::vector<std::string>{"aabbc"}));
}

TEST_F(BlockedUdpSocket, JoinsNothingAnyMoreOnceTheKernelRefusesToCut) {
  for (const int error : {EIO, EINVAL}) {
    UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
    taken.clear();
    budget = 100;
    cut_error = error;
    send(socket, 1, 1);
    socket.send(kSomewhere, {.bytes = as_bytes("aabbc"), .segment_size = 2});
    socket.flush();
    EXPECT_FALSE(socket.joins_sent());
    socket.send(kSomewhere, {.bytes = as_bytes("dd"), .segment_size = 1});
    socket.flush();
    EXPECT_EQ(taken, (std::vector<std::string>{"1", "aa", "bb", "c", "d", "d"}));
    EXPECT_EQ(socket.counters().sent, 6u);
    EXPECT_EQ(socket.counters().dropped_refused, 0u);
  }
}

TEST_F(BlockedUdpSocket, JoinsNothingAnyMoreOnceAQueuedRunIsRefused) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
  budget = 100;
  cut_error = EIO;
  send(socket, 1, 3);
  socket.flush();
  EXPECT_FALSE(socket.joins_sent());
  EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3"}));
}

// An interface whose MTU is exceeded makes Linux refuse the whole run with EINVAL.
TEST_F(BlockedUdpSocket, GoesOnJoiningWhenTheRunsDatagramsAreTooLarge) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
  budget = 100;
  mtu = 1;
  cut_error = EINVAL;
  socket.send(kSomewhere, {.bytes = as_bytes("aabbc"), .segment_size = 2});
  socket.flush();
  EXPECT_EQ(taken, (std::vector<std::string>{"c"}));
  EXPECT_EQ(socket.counters().dropped_too_large, 2u);
  EXPECT_TRUE(socket.joins_sent());
  cut_error = 0;
  socket.send(kSomewhere, {.bytes = as_bytes("dde"), .segment_size = 2});
  EXPECT_EQ(taken, (std::vector<std::string>{"c", "dde"}));
}

}  // namespace
}  // namespace quicket
