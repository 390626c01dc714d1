#include <quicket/peer_id.hpp>

#include <gtest/gtest.h>

#include <random>

#include "tests/core/base/hex.hpp"

namespace quicket {
namespace {

constexpr const char* kKey =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";  // RFC 8032 section 7.1, test 1
constexpr const char* kText = "qk1q8t44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqag35rzunhm";

PeerId example() { return PeerId::from_key(from_hex(kKey)).value(); }

TEST(PeerId, WritesItsKeyInBech32m) {
  EXPECT_EQ(example().to_string(), kText);
  EXPECT_EQ(PeerId::parse(kText).value(), example());
}

TEST(PeerId, ReadsUpperCaseButNotMixedCase) {
  std::string upper = kText;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(PeerId::parse(upper).value(), example());
  upper[0] = 'q';
  EXPECT_EQ(PeerId::parse(upper).error(), Errc::kPeerIdMalformed);
}

TEST(PeerId, RefusesValidBech32mThatIsNoPeerId) {
  for (const char* text : {"qk1qtt44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqag35y22mjt",    // version 2
                           "qj1q8t44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqag35z7z2rs",    // another prefix
                           "qk1q8t44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqagsnrhxmu",     // 31 bytes
                           "qk1q8t44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqag35qqrsq444",  // 33 bytes
                           "qk15g4ukj",                                                         // nothing
                           "a1lqfn3a"}) {
    EXPECT_EQ(PeerId::parse(text).error(), Errc::kPeerIdMalformed) << text;
  }
}

TEST(PeerId, RefusesEveryTruncationAndEveryExtension) {
  const std::string text = kText;
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(PeerId::parse(text.substr(0, size)).has_error()) << size;
    EXPECT_TRUE(PeerId::parse(text.substr(size + 1)).has_error()) << size;
  }
  for (const char* around : {" ", "\n", "q", "1"}) {
    EXPECT_TRUE(PeerId::parse(text + around).has_error());
    EXPECT_TRUE(PeerId::parse(around + text).has_error());
  }
}

TEST(PeerId, NoticesSwappedNeighbours) {
  std::string text = kText;
  for (std::size_t i = 3; i + 1 < text.size(); ++i) {
    if (text[i] == text[i + 1]) continue;
    std::swap(text[i], text[i + 1]);
    EXPECT_TRUE(PeerId::parse(text).has_error()) << text;
    std::swap(text[i], text[i + 1]);
  }
}

TEST(PeerId, TakesKeysOfThirtyTwoBytesOnly) {
  const Bytes bytes(70);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(PeerId::from_key(ByteView(bytes).first(size)).has_value(), size == 32) << size;
  }
}

TEST(PeerId, HasAShortFormForMessages) { EXPECT_EQ(example().short_string(), "qk1q8t44xqp…"); }

TEST(PeerId, ReadsWhatItWritesForAnyKey) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 5'000; ++round) {
    PeerId::Key key;
    for (std::byte& b : key) b = std::byte(random());
    const std::string text = PeerId(key).to_string();
    ASSERT_EQ(PeerId::parse(text).value(), PeerId(key));

    std::string damaged = text;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (damaged != text) {
      EXPECT_TRUE(PeerId::parse(damaged).has_error()) << damaged;
    }
  }
}

}  // namespace
}  // namespace quicket
