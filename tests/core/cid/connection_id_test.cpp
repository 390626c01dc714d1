#include "core/cid/connection_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace quicket {
namespace {

TEST(ConnectionId, HoldsUpToTwentyBytes) {
  const Bytes bytes(256, std::byte{0x5a});
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto id = ConnectionId::from(ByteView(bytes).first(size));
    ASSERT_EQ(id.has_value(), size <= 20) << size;
    if (id) {
      EXPECT_EQ(to_bytes(id->bytes()), Bytes(size, std::byte{0x5a}));
    }
  }
}

TEST(ConnectionId, ComparesContentAndLength) {
  const Bytes zeros(3);
  EXPECT_EQ(ConnectionId::from(zeros), ConnectionId::from(zeros));
  EXPECT_NE(ConnectionId::from(zeros), ConnectionId::from(ByteView(zeros).first(2)));
  EXPECT_EQ(ConnectionId(), *ConnectionId::from({}));
}

TEST(ConnectionId, BelongsToAPeerWhenItsTopBitIsClear) {
  const auto with_first = [](unsigned first) { return *ConnectionId::from(Bytes{std::byte(first), std::byte{0xff}}); };
  EXPECT_TRUE(with_first(0x00).belongs_to_peer() && with_first(0x7f).belongs_to_peer());
  EXPECT_FALSE(with_first(0x80).belongs_to_peer() || with_first(0xff).belongs_to_peer());
  EXPECT_FALSE(ConnectionId().belongs_to_peer());
}

TEST(ConnectionId, PrintsItsBytesInHex) {
  EXPECT_EQ(ConnectionId::from(Bytes{std::byte{0x0a}, std::byte{0xff}})->hex(), "0aff");
  EXPECT_EQ(ConnectionId().hex(), "");
}

TEST(ConnectionIdHash, GivesOneIdOneHash) {
  const ConnectionIdHash hash;
  const auto id = *ConnectionId::from(Bytes(12, std::byte{1}));
  const ConnectionIdHash copy = hash;
  EXPECT_EQ(hash(id), hash(id));
  EXPECT_EQ(hash(id), copy(id));
}

TEST(ConnectionIdHash, TellsApartIdsThatDifferInOneBitOrInLength) {
  const ConnectionIdHash hash;
  std::set<std::size_t> hashes;
  for (std::size_t length = 0; length <= 20; ++length) hashes.insert(hash(*ConnectionId::from(Bytes(length))));
  for (std::size_t bit = 0; bit < 160; ++bit) {
    Bytes bytes(20);
    bytes[bit / 8] = std::byte(1u << bit % 8);
    hashes.insert(hash(*ConnectionId::from(bytes)));
  }
  EXPECT_EQ(hashes.size(), 21u + 160u);
}

TEST(ConnectionIdHash, CannotBeForeseenByThoseWhoChooseIds) {
  const auto id = *ConnectionId::from(Bytes(12, std::byte{1}));
  EXPECT_NE(ConnectionIdHash()(id), ConnectionIdHash()(id));
}

}  // namespace
}  // namespace quicket
