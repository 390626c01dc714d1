#include <quicket/offer.hpp>

#include "core/base/encoding.hpp"
#include "core/offer/digits.hpp"
#include "tests/core/base/hex.hpp"
#include "tests/core/offer/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace quicket {
namespace {

Random seeded() {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return Random(seed);
}

// bytes_of makes something that passes offer_kind(): no text form looks further.
Bytes bytes_of(Random& random, std::size_t size) {
  Bytes bytes = random_bytes(random, size);
  bytes[0] = std::byte{1};
  bytes[1] = std::byte{1};
  return bytes;
}

std::string changed_case(std::string text, int (*change)(int)) {
  std::ranges::transform(text, text.begin(), [&](unsigned char c) { return static_cast<char>(change(c)); });
  return text;
}

TEST(OfferText, ComesBackFromEveryForm) {
  Random random = seeded();
  for (std::size_t size = 2; size < 300; ++size) {
    const Bytes offer = bytes_of(random, size);
    EXPECT_EQ(offer_from_text(offer_to_json(offer)).value(), offer);
    EXPECT_EQ(offer_from_text(offer_to_uri(offer)).value(), offer);
    EXPECT_EQ(offer_from_text(offer_to_digits(offer)).value(), offer);
  }
}

TEST(OfferText, HasTheFormsOfTheSpecification) {
  const Bytes offer = from_hex("0101ff");
  EXPECT_EQ(offer_to_json(offer), R"({"offer":"AQH/"})");
  EXPECT_EQ(offer_to_uri(offer), "quicket:AQH_");
  EXPECT_EQ(offer_to_digits(offer), "QUICKET:/16711937");  // 0xff0101 in 8 digits
}

TEST(OfferText, TakesTheLargestOfferAndNoLargerOne) {
  Random random = seeded();
  const Bytes largest = bytes_of(random, kMaxOffer), larger = bytes_of(random, kMaxOffer + 1);
  for (const auto to_text : {offer_to_json, offer_to_uri, offer_to_digits}) {
    EXPECT_EQ(offer_from_text(to_text(largest)).value(), largest);
    EXPECT_EQ(offer_from_text(to_text(larger)).error(), Errc::kOfferTooLarge);
  }
  EXPECT_EQ(offer_from_text(std::string(10 << 20, '{')).error(), Errc::kOfferTooLarge);
}

TEST(OfferText, TakesTheSchemeInAnyCase) {
  Random random = seeded();
  const Bytes offer = bytes_of(random, 50);
  EXPECT_EQ(offer_from_text("QuickeT:" + base64url(offer)).value(), offer);
  EXPECT_EQ(offer_from_text(changed_case(offer_to_digits(offer), std::tolower)).value(), offer);
}

TEST(OfferText, IgnoresWhiteSpaceAround) {
  const Bytes offer = from_hex("0101ff");
  EXPECT_EQ(offer_from_text("\r\n\t quicket:AQH_ \n").value(), offer);
  EXPECT_EQ(offer_from_text(" { \"offer\" : \"AQH/\" }\n").value(), offer);
}

TEST(OfferText, IgnoresOtherMembersOfTheJson) {
  EXPECT_TRUE(offer_from_text(R"({"to":"bob","n":[1,{"x":null}],"offer":"AQH/","z":1e3})"));
}

TEST(OfferText, RefusesWhatIsNoOffer) {
  for (const char* text : {"",
                           "  ",
                           "hello",
                           "{",
                           "{}",
                           "[]",
                           "null",
                           R"({"offer":1})",
                           R"({"offer":"AQH"})",
                           R"({"offer":"AQH_"})",
                           R"({"offer":"AQH/"} x)",
                           R"(["offer","AQH/"])",
                           "quicket:",
                           "quicket:AQH/",
                           "quicket:AQH_=",
                           "quicket:/",
                           "quicket:/1",
                           "quicket:/12a",
                           "quicket:/-12",
                           "quicket:/16777216",
                           "quicket://16711937",
                           "quicket: AQH_",
                           "QUICKET:/ 16711937",
                           "http://x"}) {
    EXPECT_EQ(offer_from_text(text).error(), Errc::kOfferMalformed) << text;
  }
}

TEST(OfferText, RefusesOtherVersionsAndKinds) {
  EXPECT_EQ(offer_from_text(offer_to_uri(from_hex("0201ff"))).error(), Errc::kOfferVersion);
  EXPECT_EQ(offer_from_text(offer_to_uri(from_hex("0103ff"))).error(), Errc::kOfferVersion);
}

TEST(OfferText, RefusesDeepJson) {
  EXPECT_EQ(offer_from_text(R"({"a":)" + std::string(100'000, '[')).error(), Errc::kOfferMalformed);
}

TEST(OfferText, TakesRandomTextWithoutHarm) {
  Random random = seeded();
  const std::array starts{std::string("quicket:"), std::string("quicket:/"), std::string(R"({"offer":")")};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = starts[random() % starts.size()];
    for (std::size_t i = 0, size = random() % 60; i < size; ++i)
      text += static_cast<char>(round % 2 ? random() % 256 : '0' + random() % 10);
    if (text[0] == '{') text += "\"}";
    if (const auto offer = offer_from_text(text)) {
      EXPECT_TRUE(offer_kind(*offer));
    }
  }
}

TEST(OfferId, IsTheStartOfSha256) {
  EXPECT_EQ(hex(offer_id(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223");  // FIPS 180-4's example
}

TEST(OfferKind, ReadsTheSecondByte) {
  EXPECT_EQ(offer_kind(from_hex("0100")).value(), OfferKind::kOpen);
  EXPECT_EQ(offer_kind(from_hex("0101")).value(), OfferKind::kSealed);
  EXPECT_EQ(offer_kind(from_hex("0102")).value(), OfferKind::kPairing);
  EXPECT_EQ(offer_kind(from_hex("01")).error(), Errc::kOfferMalformed);
  EXPECT_EQ(offer_kind({}).error(), Errc::kOfferMalformed);
}

TEST(Digits, AreThoseOfFido) {
  EXPECT_EQ(to_digits(from_hex("01")), "001");
  EXPECT_EQ(to_digits(from_hex("ffff")), "65535");
  EXPECT_EQ(to_digits(from_hex("00000000000001")), "00281474976710656");
  EXPECT_EQ(to_digits(from_hex("ffffffffffffff")), "72057594037927935");
  EXPECT_EQ(to_digits(from_hex("ffffffffffffff00")), "72057594037927935000");
  EXPECT_EQ(to_digits({}), "");
}

TEST(Digits, RefuseNumbersThatNoBytesGive) {
  EXPECT_EQ(from_digits("256", 10).error(), Errc::kOfferMalformed);
  EXPECT_EQ(from_digits("72057594037927936", 10).error(), Errc::kOfferMalformed);
  EXPECT_EQ(from_digits("99999999999999999", 10).error(), Errc::kOfferMalformed);
  for (const std::size_t count : {1u, 2u, 4u, 6u, 7u, 9u, 11u, 12u, 14u, 16u, 18u}) {
    EXPECT_EQ(from_digits(std::string(count, '0'), 100).error(), Errc::kOfferMalformed) << count;
  }
}

}  // namespace
}  // namespace quicket
