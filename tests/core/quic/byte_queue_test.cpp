#include "core/quic/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace quicket::quic {
namespace {

// seen gives what view() shows, up to `enough` bytes or a little more.
Bytes seen(const ByteQueue& queue, std::size_t enough) {
  std::array<ngtcp2_vec, 16> pieces;
  Bytes bytes;
  const std::size_t count = queue.view(pieces, enough);
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView piece = byte_view(pieces[i].base, pieces[i].len);
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  return bytes;
}

TEST(ByteQueue, ShowsOnlyWhatWasNotTaken) {
  ByteQueue queue;
  queue.append(as_bytes("abcdef"));
  queue.take(2);
  EXPECT_EQ(as_text(seen(queue, 100)), "cdef");
  EXPECT_EQ(queue.taken(), 2u);
  queue.pop(2);
  EXPECT_EQ(as_text(seen(queue, 100)), "cdef");
  EXPECT_EQ(queue.taken(), 0u);
}

TEST(ByteQueue, ShowsWhatIsAppendedAfterAllWasTakenAndPopped) {
  ByteQueue queue;
  queue.append(as_bytes("abc"));
  queue.take(3);
  EXPECT_EQ(seen(queue, 100), Bytes());
  queue.append(as_bytes("def"));
  EXPECT_EQ(as_text(seen(queue, 100)), "def");
  queue.take(3);
  queue.pop(6);
  queue.append(as_bytes("ghi"));
  EXPECT_EQ(as_text(seen(queue, 100)), "ghi");
}

TEST(ByteQueue, ShowsNoMoreBlocksThanAreEnough) {
  ByteQueue queue;
  queue.append(Bytes(1 << 20));
  EXPECT_GE(seen(queue, 20'000).size(), 20'000u);
  EXPECT_LT(seen(queue, 20'000).size(), 40'000u);
}

// ngtcp2 keeps pointers to what was taken until it is acknowledged.
TEST(ByteQueue, NeverMovesWhatItHolds) {
  ByteQueue queue;
  queue.append(as_bytes("first"));
  std::array<ngtcp2_vec, 1> piece;
  ASSERT_EQ(queue.view(piece, 1), 1u);
  queue.take(5);
  for (int i = 0; i < 100; ++i) queue.append(Bytes(1'000));
  EXPECT_EQ(as_text(byte_view(piece[0].base, 5)), "first");
}

TEST(ByteQueue, FollowsAModelThroughRandomOperations) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  ByteQueue queue;
  Bytes model;
  std::size_t taken = 0;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 3) {
      case 0: {
        Bytes bytes(random() % 3'000);
        std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
        if (model.size() < 200'000) {
          queue.append(bytes);
          model.insert(model.end(), bytes.begin(), bytes.end());
        }
        break;
      }
      case 1: {
        const std::size_t count = std::min<std::size_t>(random() % 3'000, model.size() - taken);
        queue.take(count);
        taken += count;
        break;
      }
      default: {
        const std::size_t count = std::min<std::size_t>(random() % 3'000, taken);
        queue.pop(count);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
        taken -= count;
      }
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.taken(), taken);
    const Bytes next = seen(queue, 1'500);
    ASSERT_GE(next.size(), std::min<std::size_t>(1'500, model.size() - taken));
    ASSERT_TRUE(std::ranges::equal(next, ByteView(model).subspan(taken, next.size())));
  }
}

}  // namespace
}  // namespace quicket::quic
