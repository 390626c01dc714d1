#include "core/cid/schedule.hpp"

#include <gtest/gtest.h>

#include <set>

namespace quicket {
namespace {

Bytes counting_key(std::size_t size) {
  Bytes key(size);
  for (std::size_t i = 0; i < size; ++i) key[i] = std::byte(i);
  return key;
}

struct Vector {
  std::uint32_t counter;
  const char* id;
};

// The vectors of docs/protocol.md "Connection IDs", key = 00 01 .. 0f; the reference implementation gives the same.
TEST(Schedule, AgreesWithTheVectorsForPeers) {
  const auto schedule = Schedule::create(counting_key(16), Owner::kPeer).value();
  for (const auto& [counter, id] : {Vector{1, "2b5c2c4c9385fb1b29934723"},
                                    {2, "448d3e851ea76b693aaa05aa"},
                                    {3, "7b57d0e9aeecda0c1a110265"},
                                    {10, "2027e40b9a880fba70d9e988"},
                                    {64, "1f431762a114c8d12ca9a1b8"},
                                    {0x01020304, "5a7a2bb3a5fb4e7080d17dcb"}}) {
    EXPECT_EQ(schedule.at(counter).hex(), id) << counter;
  }
}

TEST(Schedule, AgreesWithTheVectorsForHttp3) {
  const auto schedule = Schedule::create(counting_key(16), Owner::kHttp3).value();
  EXPECT_EQ(schedule.at(1).hex(), "ab5c2c4c9385fb1b29934723");
  EXPECT_EQ(schedule.at(2).hex(), "c48d3e851ea76b693aaa05aa");
}

TEST(Schedule, TellsOwnersApartByTheTopBitOnly) {
  const auto peer = Schedule::create(counting_key(32), Owner::kPeer).value();
  const auto http3 = Schedule::create(counting_key(32), Owner::kHttp3).value();
  for (std::uint32_t counter = 1; counter <= 100; ++counter) {
    Bytes id = to_bytes(peer.at(counter).bytes());
    EXPECT_TRUE(peer.at(counter).belongs_to_peer());
    EXPECT_FALSE(http3.at(counter).belongs_to_peer());
    id[0] |= std::byte{0x80};
    EXPECT_EQ(to_bytes(http3.at(counter).bytes()), id);
  }
}

TEST(Schedule, HandsOutItsIdsInOrder) {
  auto schedule = Schedule::create(counting_key(16), Owner::kPeer).value();
  EXPECT_EQ(schedule.issued(), 0u);
  EXPECT_EQ(schedule.next(), schedule.at(1));
  EXPECT_EQ(schedule.next(), schedule.at(2));
  EXPECT_EQ(schedule.issued(), 2u);
}

// The length enters the digest, so that a shorter ID is no truncated longer one.
TEST(Schedule, GivesEveryLengthItsOwnIds) {
  std::set<std::string> prefixes;
  for (std::size_t length = 8; length <= 20; ++length) {
    const auto schedule = Schedule::create(counting_key(16), Owner::kPeer, length).value();
    EXPECT_EQ(schedule.at(1).length(), length);
    EXPECT_EQ(schedule.length(), length);
    prefixes.insert(schedule.at(1).hex().substr(0, 16));
  }
  EXPECT_EQ(prefixes.size(), 13u);
}

TEST(Schedule, TakesKeysOfSixteenToSixtyFourBytes) {
  for (std::size_t size = 0; size <= 100; ++size) {
    const auto schedule = Schedule::create(counting_key(size), Owner::kPeer);
    ASSERT_EQ(schedule.has_value(), size >= 16 && size <= 64) << size;
    if (schedule) {
      EXPECT_EQ(to_bytes(schedule->key()), counting_key(size));
    }
  }
}

TEST(Schedule, RefusesIdLengthsOutOfRange) {
  for (const std::size_t length : {0u, 7u, 21u, 255u}) {
    EXPECT_EQ(Schedule::create(counting_key(16), Owner::kPeer, length).error(), boost::system::errc::invalid_argument);
  }
}

}  // namespace
}  // namespace quicket
