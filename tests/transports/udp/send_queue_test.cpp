#include "transports/udp/send_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace quicket {
namespace {

const AddressPair kAddresses{.local = {}, .remote = Address::loopback(4433)};

bool push(SendQueue& queue, const Bytes& bytes) { return queue.push(kAddresses, quic::Ecn::kNotEct, bytes); }

TEST(SendQueue, RefusesOneDatagramMoreThanItsBound) {
  SendQueue queue(2, 1'000);
  EXPECT_TRUE(push(queue, Bytes(10)));
  EXPECT_TRUE(push(queue, Bytes(10)));
  EXPECT_FALSE(push(queue, Bytes(10)));
}

TEST(SendQueue, RefusesBytesBeyondItsBound) {
  SendQueue queue(10, 100);
  EXPECT_TRUE(push(queue, Bytes(60)));
  EXPECT_FALSE(push(queue, Bytes(41)));
  EXPECT_TRUE(push(queue, Bytes(40)));
}

TEST(SendQueue, UsesTheRoomOfWhatHasLeft) {
  SendQueue queue(10, 100);
  ASSERT_TRUE(push(queue, Bytes(50)));
  ASSERT_TRUE(push(queue, Bytes(50)));
  queue.pop();
  EXPECT_FALSE(push(queue, Bytes(51)));
  EXPECT_TRUE(push(queue, Bytes(50)));
}

TEST(SendQueue, LaysNeighboursSideBySide) {
  SendQueue queue(10, 1'000);
  ASSERT_TRUE(push(queue, Bytes(120)));
  ASSERT_TRUE(push(queue, Bytes(120)));
  EXPECT_EQ(queue[1].offset, queue[0].offset + 120);
}

// A run leaves as one message, which the kernel cuts into datagrams of the first one's size.
TEST(SendQueue, EndsARunBehindAShorterDatagramAndBeforeALonger) {
  SendQueue queue(10, 10'000);
  for (const std::size_t size : {100u, 100u, 60u, 60u, 61u}) ASSERT_TRUE(push(queue, Bytes(size)));
  EXPECT_EQ(queue.run(0, 64, 10'000), 3u);
  EXPECT_EQ(queue.run(3, 64, 10'000), 1u);
  EXPECT_EQ(queue.run(4, 64, 10'000), 1u);
}

TEST(SendQueue, EndsARunWhereThePlaceOrTheMarkChanges) {
  const AddressPair elsewhere{.local = {}, .remote = Address::loopback(4434)};
  const AddressPair from{.local = Address::loopback(1), .remote = Address::loopback(4434)};
  SendQueue queue(10, 10'000);
  const Bytes bytes(100);
  ASSERT_TRUE(queue.push(kAddresses, quic::Ecn::kNotEct, bytes));
  ASSERT_TRUE(queue.push(elsewhere, quic::Ecn::kNotEct, bytes));
  ASSERT_TRUE(queue.push(elsewhere, quic::Ecn::kEct0, bytes));
  ASSERT_TRUE(queue.push(from, quic::Ecn::kEct0, bytes));
  for (std::size_t i = 0; i < queue.size(); ++i) EXPECT_EQ(queue.run(i, 64, 10'000), 1u);
}

TEST(SendQueue, BoundsARunInDatagramsAndBytes) {
  SendQueue queue(10, 10'000);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(push(queue, Bytes(100)));
  EXPECT_EQ(queue.run(0, 4, 10'000), 4u);
  EXPECT_EQ(queue.run(0, 64, 399), 3u);
  EXPECT_EQ(queue.run(0, 64, 50), 1u);
}

TEST(SendQueue, EndsARunAtTheEndOfItsMemory) {
  SendQueue queue(10, 300);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(push(queue, Bytes(100)));
  queue.pop();
  ASSERT_TRUE(push(queue, Bytes(100)));
  EXPECT_EQ(queue.run(0, 64, 10'000), 2u);
}

TEST(SendQueue, GivesBackWhatWasPushedInOrder) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  SendQueue queue(20, 1'000);
  std::deque<Bytes> model;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      Bytes bytes(1 + random() % 200);
      std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
      if (push(queue, bytes)) model.push_back(bytes);
    } else if (!queue.empty()) {
      ASSERT_TRUE(std::ranges::equal(queue.bytes(0), model.front()));
      queue.pop();
      model.pop_front();
    }
    ASSERT_EQ(queue.size(), model.size());
    for (std::size_t i = 0; i < model.size(); ++i) ASSERT_TRUE(std::ranges::equal(queue.bytes(i), model[i]));
  }
}

}  // namespace
}  // namespace quicket
