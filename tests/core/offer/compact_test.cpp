#include "core/offer/compact.hpp"

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
#include "core/offer/dictionary.hpp"
#include "core/offer/random_fields.hpp"
#include "core/quic/initial.hpp"
#include "tests/core/offer/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket {
namespace {

Random seeded() {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return Random(seed);
}

std::byte form(CompactForm form) { return std::byte(static_cast<std::uint8_t>(form)); }

Bytes sample_body(Random& random) {
  return encode_body(sample_offer(random, OfferKind::kSealed), OfferKind::kSealed).value();
}

// key_share_of finds the only key share of X25519 in a body: group, size, key.
Bytes::iterator key_share_of(Bytes& body) {
  constexpr std::array kStart{std::byte{0x00}, std::byte{0x1d}, std::byte{0x00}, std::byte{0x20}};
  return std::search(body.begin(), body.end(), kStart.begin(), kStart.end());
}

TEST(Compact, SplitsTheRandomFieldsFromARealOffer) {
  Random random = seeded();
  for (int round = 0; round < 100; ++round) {
    const Bytes body = sample_body(random);
    const Bytes compact = compact_body(body);
    EXPECT_EQ(compact[0], form(CompactForm::kSplit));
    EXPECT_LT(compact.size(), 155u);
    EXPECT_EQ(expand_body(compact).value(), body);
  }
}

TEST(Compact, TakesIdsRandomsKeysAddressesPinsAndExpiryOut) {
  Random random = seeded();
  Bytes body = sample_body(random);
  // expiry, relay's ip and port and pin, two IDs, client random, key share
  EXPECT_EQ(take_random_fields(body).size(), 4u + 4 + 2 + 16 + 12 + 12 + 32 + 32);
}

TEST(Compact, FindsTheSameFieldsInABlankBody) {
  Random random = seeded();
  const Bytes body = sample_body(random);
  Bytes blank = body;
  const Bytes fields = take_random_fields(blank);
  Bytes again = blank;
  EXPECT_EQ(take_random_fields(again).size(), fields.size());
  EXPECT_EQ(again, blank);
  EXPECT_TRUE(fill_random_fields(blank, fields));
  EXPECT_EQ(blank, body);
}

TEST(Compact, RefusesTooManyOrTooFewFields) {
  Random random = seeded();
  Bytes blank = sample_body(random);
  Bytes fields = take_random_fields(blank);
  Bytes other = blank;
  EXPECT_FALSE(fill_random_fields(other, ByteView(fields).first(fields.size() - 1)));
  fields.push_back(std::byte{0});
  EXPECT_FALSE(fill_random_fields(blank, fields));
}

// GnuTLS 3.8 shuffles the ClientHello's extensions.
TEST(Compact, IsLosslessForAnyOrderOfExtensions) {
  Random random = seeded();
  for (int round = 0; round < 100; ++round) {
    Bytes body = sample_body(random);
    // Take the key_share extension (type, size, list size, share) and put it where the extensions begin.
    const auto share = key_share_of(body) - 6;
    constexpr std::array kSupportedVersions{std::byte{0x00}, std::byte{0x2b}, std::byte{0x00}, std::byte{0x03}};
    const auto versions = std::search(body.begin(), body.end(), kSupportedVersions.begin(), kSupportedVersions.end());
    ASSERT_NE(versions, body.end());
    if (share < versions) {
      std::rotate(share, share + 42, versions + 7);
    } else {
      std::rotate(versions, share, share + 42);
    }
    const Bytes compact = compact_body(body);
    EXPECT_EQ(compact[0], form(CompactForm::kSplit));
    EXPECT_LT(compact.size(), 175u);
    EXPECT_EQ(expand_body(compact).value(), body);
  }
}

TEST(Compact, IsLosslessWhenTheIdsDiffer) {
  Random random = seeded();
  const Offer offer = sample_offer(random, OfferKind::kSealed);
  Bytes body = encode_body(offer, OfferKind::kSealed).value();
  const ConnectionId source = quic::parse_initial_header(offer.flight[0]).value().source;
  Bytes parameter{std::byte{0x0f}, std::byte{0x0c}};  // initial_source_connection_id, 12 bytes
  parameter.insert(parameter.end(), source.bytes().begin(), source.bytes().end());
  const auto found = std::search(body.begin(), body.end(), parameter.begin(), parameter.end());
  ASSERT_NE(found, body.end());
  found[3] ^= std::byte{1};
  const Bytes compact = compact_body(body);
  EXPECT_EQ(compact[0], form(CompactForm::kDeflated));
  EXPECT_EQ(expand_body(compact).value(), body);
}

TEST(Compact, IsLosslessForAnyBytes) {
  Random random = seeded();
  const Bytes body = sample_body(random);
  for (int round = 0; round < 1'000; ++round) {
    Bytes changed = body;
    for (unsigned i = 0, count = random() % 8; i < count; ++i) {
      changed[random() % changed.size()] = std::byte(static_cast<std::uint8_t>(random()));
    }
    if (round % 3 == 0) changed.resize(random() % changed.size());
    if (round % 50 == 1) changed = random_bytes(random, random() % 3'000);
    EXPECT_EQ(expand_body(compact_body(changed)).value(), changed);
  }
}

TEST(Compact, StoresWhatDeflateOnlyMakesLonger) {
  Random random = seeded();
  const Bytes noise = random_bytes(random, 500);
  EXPECT_EQ(compact_body(noise).size(), noise.size() + 1);
  EXPECT_EQ(compact_body({}), Bytes{form(CompactForm::kStored)});
}

TEST(Compact, RefusesMoreThanTheLargestOffer) {
  for (const std::size_t size : {kMaxOffer + 1, 4 * kMaxOffer}) {
    const Bytes bomb = compact_body(Bytes(size));
    EXPECT_EQ(expand_body(bomb).error(), Errc::kOfferTooLarge) << size;
  }
  EXPECT_EQ(expand_body(compact_body(Bytes(kMaxOffer))).value(), Bytes(kMaxOffer));
}

TEST(Compact, RefusesAnUnknownForm) {
  EXPECT_EQ(expand_body(Bytes{std::byte{3}}).error(), Errc::kOfferVersion);
  EXPECT_EQ(expand_body({}).error(), Errc::kOfferMalformed);
}

TEST(Compact, RefusesEveryTruncationAndBytesBehindTheEnd) {
  Random random = seeded();
  Bytes compact = compact_body(sample_body(random));
  for (std::size_t size = 0; size < compact.size(); ++size) {
    EXPECT_TRUE(expand_body(ByteView(compact).first(size)).has_error()) << size;
  }
  compact.push_back(std::byte{0});
  EXPECT_EQ(expand_body(compact).error(), Errc::kOfferMalformed);
}

TEST(Compact, TakesRandomBytesWithoutHarm) {
  Random random = seeded();
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = random_bytes(random, 1 + random() % 200);
    bytes[0] = std::byte(static_cast<std::uint8_t>(1 + round % 2));
    if (const auto body = expand_body(bytes)) {
      EXPECT_LE(body->size(), kMaxOffer);
    }
  }
}

// The dictionary is part of the protocol: with other bytes, the offers of released programs could not be read.
TEST(Dictionary, NeverChanges) {
  EXPECT_EQ(hex(sha256(dictionary_1())), "0f33255b75c36f5766ca44a6d2c3cf7011d57790eb0ec9a37a50a73cf4df02e9");
}

}  // namespace
}  // namespace quicket
