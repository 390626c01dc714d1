// A loopback never lets a sender wait, so this program stands in for a kernel that does: its sendmmsg takes `budget`
// datagrams.
#include "transports/udp/socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace {

int budget = 0;
std::vector<std::string> taken;

}  // namespace

extern "C" int sendmmsg(int, mmsghdr* messages, unsigned count, int) {
  if (budget == 0) {
    errno = EAGAIN;
    return -1;
  }
  const int passed = std::min(budget, static_cast<int>(count));
  for (int i = 0; i < passed; ++i) {
    const iovec& piece = *messages[i].msg_hdr.msg_iov;
    taken.emplace_back(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  budget -= passed;
  return passed;
}

namespace quicket {
namespace {

class BlockedUdpSocket : public testing::Test {
 protected:
  void SetUp() override {
    budget = 0;
    taken.clear();
  }

  void send(UdpSocket& socket, int first, int last) {
    for (int i = first; i <= last; ++i) {
      const std::string text = std::to_string(i);
      socket.send({.local = {}, .remote = Address::loopback(9)},
                  {.bytes = as_bytes(text), .segment_size = text.size()});
    }
  }
};

TEST_F(BlockedUdpSocket, WantsToWriteAndSendsInOrderLater) {
  UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
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
  UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.queue_datagrams = 5}).value();
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

}  // namespace
}  // namespace quicket
