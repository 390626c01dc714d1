#include "core/identity/bech32m.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// The vectors are those of BIP 350.
TEST(Bech32m, ReadsAndWritesTheValidVectors) {
  for (const char* text : {"A1LQFN3A", "a1lqfn3a",
                           "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
                           "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
                           "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
                           "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa"}) {
    const auto parsed = Bech32m::parse(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->to_string(), lower(text));
  }
}

TEST(Bech32m, RefusesTheInvalidVectors) {
  for (const char* text :
       {"\x20"
        "1xj0phk",
        "\x7f"
        "1g6xzxy",
        "\x80"
        "1vctc34",
        "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4", "qyrz8wqd2c9m",
        "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom", "M1VUXWEZ", "16plkw9",
        "1p2gdwpf"}) {
    EXPECT_FALSE(Bech32m::parse(text).has_value()) << text;
  }
}

TEST(Bech32m, IsNotBech32) {
  for (const char* text :
       {"A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"}) {  // BIP 173
    EXPECT_FALSE(Bech32m::parse(text).has_value()) << text;
  }
}

TEST(Bech32m, RefusesMixedCase) {
  EXPECT_FALSE(Bech32m::parse("A1lqfn3a").has_value());
  EXPECT_FALSE(Bech32m::parse("a1lqfn3A").has_value());
}

TEST(Bech32m, NoticesEverySingleMistypedLetter) {
  const std::string good = "split1checkupstagehandshakeupstreamerranterredcaperredlc445v";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string bad = good;
      bad[at] = static_cast<char>(c);
      EXPECT_EQ(Bech32m::parse(bad).has_value(), bad == good) << bad;
    }
  }
}

TEST(Bech32mGroups, RoundTripForEverySize) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (std::size_t size = 0; size < 60; ++size) {
    Bytes bytes(size);
    for (std::byte& b : bytes) b = std::byte(random());
    const auto groups = to_groups(bytes);
    EXPECT_EQ(groups.size(), (size * 8 + 4) / 5);
    EXPECT_EQ(from_groups(groups), bytes);
  }
}

TEST(Bech32mGroups, RefusesPaddingThatWouldNotBeWritten) {
  EXPECT_EQ(from_groups({31, 28}), Bytes{std::byte{0xff}});
  EXPECT_FALSE(from_groups({31, 29}).has_value()) << "padding of ones";
  EXPECT_FALSE(from_groups({31, 28, 0}).has_value()) << "a group too many";
  EXPECT_FALSE(from_groups({0}).has_value()) << "no whole byte";
  EXPECT_FALSE(from_groups({32, 0}).has_value()) << "not a group";
}

TEST(Bech32m, BearsAnyBytesAndWritesWhatItReads) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string noise(random() % 100, '\0');
    for (char& c : noise) c = random() % 4 == 0 ? '1' : static_cast<char>(random());
    if (const auto parsed = Bech32m::parse(noise)) {
      EXPECT_EQ(parsed->to_string(), lower(noise));
    }

    Bech32m value;
    value.prefix = std::string(1 + random() % 20, static_cast<char>(33 + random() % 32));
    value.groups.resize(random() % 60);
    for (std::uint8_t& group : value.groups) group = static_cast<std::uint8_t>(random() % 32);
    EXPECT_EQ(Bech32m::parse(value.to_string()), value);
  }
}

}  // namespace
}  // namespace quicket
