#include "core/base/encoding.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace quicket {
namespace {

constexpr std::size_t kPlenty = 1000;

// The vectors are those of RFC 4648 section 10.
TEST(Base64, AgreesWithRfc4648) {
  for (const auto& [plain, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64(as_bytes(plain)), text);
    EXPECT_EQ(from_base64(text, kPlenty).value(), to_bytes(as_bytes(plain)));
  }
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const char* text : {"Zg",   "Zg=",  "Zg===",    "Zg====", "Zh==",     "Zm9=", "Z",      "Z===",         "=",
                           "==",   "====", "Zg==Zg==", "Zm9v=",  "Zm9v====", " Zm9", "Zm9v\n", "Zm9v\n\n\n\n", "Zm9-",
                           "Zm9_", "Z=g=", "=Zm9",     "Zm\x80v"}) {
    EXPECT_EQ(from_base64(text, kPlenty).error(), boost::system::errc::invalid_argument) << text;
  }
  EXPECT_TRUE(from_base64(std::string_view("Zm9\0", 4), kPlenty).has_error());
}

TEST(Base64Url, HasNoPaddingAndItsOwnAlphabet) {
  const Bytes bytes{std::byte{0xfb}, std::byte{0xff}, std::byte{0xfe}, std::byte{0xff}};
  EXPECT_EQ(base64url(bytes), "-__-_w");
  EXPECT_EQ(from_base64url("-__-_w", kPlenty).value(), bytes);
  EXPECT_EQ(base64(bytes), "+//+/w==");
}

TEST(Base64Url, RefusesEveryOtherSpelling) {
  for (const char* text : {"-__-_w==", "-__-_x", "+//+/w", "A", "AAAAA", "AB", "AAB", "AA ", "AA\n", "AA="}) {
    EXPECT_EQ(from_base64url(text, kPlenty).error(), boost::system::errc::invalid_argument) << text;
  }
}

TEST(Base64Url, GivesEachShortTextItsOwnBytes) {
  std::set<Bytes> seen;
  std::size_t accepted = 0;
  std::string text(3, '\0');
  for (std::size_t size = 0; size <= 2; ++size) {
    const int last = size == 0 ? 1 : size == 1 ? 0x100 : 0x10000;
    for (int value = 0; value < last; ++value) {
      text[0] = static_cast<char>(value);
      text[1] = static_cast<char>(value >> 8);
      const auto bytes = from_base64url(std::string_view(text).substr(0, size), kPlenty);
      if (bytes.has_error()) continue;
      ++accepted;
      EXPECT_TRUE(seen.insert(*bytes).second);
      EXPECT_EQ(base64url(*bytes), text.substr(0, size));
    }
  }
  EXPECT_EQ(accepted, 1u + 256u);  // the empty text, and one text for each byte
}

TEST(Hex, WritesLowerCase) {
  EXPECT_EQ(hex(Bytes{std::byte{0x00}, std::byte{0xaf}, std::byte{0x19}}), "00af19");
  EXPECT_EQ(hex({}), "");
}

TEST(Encoding, HoldsTheCallersLimitExactly) {
  for (std::size_t size = 0; size < 20; ++size) {
    const Bytes bytes(size);
    EXPECT_TRUE(from_base64(base64(bytes), size).has_value()) << size;
    EXPECT_TRUE(from_base64url(base64url(bytes), size).has_value()) << size;
    if (size == 0) continue;
    EXPECT_EQ(from_base64(base64(bytes), size - 1).error(), Errc::kTooLarge) << size;
    EXPECT_EQ(from_base64url(base64url(bytes), size - 1).error(), Errc::kTooLarge) << size;
  }
}

TEST(Encoding, WhatItAcceptsIsWhatItWouldWrite) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kLetters = "AQgwz059+/-_=abcdef";
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 9, 'A');
    for (char& letter : text)
      letter = random() % 50 == 0 ? static_cast<char>(random()) : kLetters[random() % kLetters.size()];
    const auto expect_canonical = [&](const Result<Bytes>& bytes, auto write, const std::string& canonical) {
      if (bytes.has_error()) return;
      ++accepted;
      EXPECT_EQ(write(*bytes), canonical);
    };
    expect_canonical(from_base64(text, kPlenty), base64, text);
    expect_canonical(from_base64url(text, kPlenty), base64url, text);
  }
  EXPECT_GT(accepted, 1000u);
}

}  // namespace
}  // namespace quicket
