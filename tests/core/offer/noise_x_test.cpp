#include "core/offer/noise_x.hpp"

#include "core/base/encoding.hpp"
#include "tests/core/base/hex.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace quicket {
namespace {

Bytes unhex(std::string_view text) { return from_hex(text); }

X25519Key key(std::string_view text) {
  X25519Key key;
  std::ranges::copy(unhex(text), key.begin());
  return key;
}

// The vector "Noise_X_25519_ChaChaPoly_SHA256" of vectors/cacophony.txt, from the Haskell library cacophony (public
// domain).
const Bytes kPrologue = unhex("4a6f686e2047616c74");
const X25519Key kSender = key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1");
const X25519Key kEphemeral = key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
const X25519Key kRecipientPublic = key("31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62");
const X25519Key kRecipient = key("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893");
const Bytes kPayload = unhex("4c756477696720766f6e204d69736573");
const Bytes kMessage = unhex(
    "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79446c15957a594079a5bdeae05d01e089fbb7cc6ea2ecfd209b94"
    "1f73c9235213bc"
    "875f7283e9e17ebdac8112627915b455fdc3aaa6de60cb3c98302f370fdb03ea850b9b0cf22fec13e4dc0707245c8721");

// The vector's transport messages, all from sender to recipient, under k1 of Split().
struct Transport {
  std::string_view payload, sealed;
};
constexpr std::array<Transport, 5> kTransport{{
    {"4d757272617920526f746862617264", "9868def631af6242aaf00c35218275832d8d022af1c67b9fc5e8ba90f4d91b"},
    {"462e20412e20486179656b", "9fdd2576d757f880de49b32b80abf53afec16ddc86769f0e92daff"},
    {"4361726c204d656e676572", "0e5a48d10dfd648145b78012bc9edc8440cbb6e9e237eb8d5b9c25"},
    {"4a65616e2d426170746973746520536179", "11a3818b2523d06a64168b814ff680e60930e7145378cd813055f00e1725b5f9e8"},
    {"457567656e2042f6686d20766f6e2042617765726b",
     "184a48a82f921ee36371d880e2abd177f8967349e992958c66fa51bff262a37845a200d26a"},
}};

NoiseXSender sender() { return NoiseXSender::start(kSender, kRecipientPublic, kPrologue, kEphemeral).value(); }

Bytes seal_with(const X25519Key& secret, std::uint8_t counter, ByteView plain) {
  const std::array<std::uint8_t, 12> nonce{0, 0, 0, 0, counter};
  Bytes sealed(plain.size() + 16);
  crypto_aead_chacha20poly1305_ietf_encrypt(octets(MutableByteView(sealed)), nullptr, octets(plain), plain.size(),
                                            nullptr, 0, nullptr, nonce.data(), octets(ByteView(secret)));
  return sealed;
}

TEST(NoiseX, WritesTheMessageOfThePublishedVector) { EXPECT_EQ(hex(sender().finish(kPayload)), hex(kMessage)); }

TEST(NoiseX, OpensTheMessageOfThePublishedVector) {
  const auto opened = open_noise_x(kRecipient, kPrologue, kMessage).value();
  EXPECT_EQ(opened.payload, kPayload);
  EXPECT_EQ(opened.sender, x25519_public(kSender));
}

TEST(NoiseX, HasTheTransportKeyOfThePublishedVectorOnBothSides) {
  const X25519Key first = sender().first_key();  // before there is a payload
  EXPECT_EQ(open_noise_x(kRecipient, kPrologue, kMessage).value().first_key, first);
  for (std::uint8_t i = 0; i < kTransport.size(); ++i) {
    EXPECT_EQ(hex(seal_with(first, i, unhex(kTransport[i].payload))), kTransport[i].sealed);
  }
}

TEST(NoiseX, HidesThePayloadOnly) {
  EXPECT_EQ(sender().finish({}).size(), kNoiseXOverhead);
  EXPECT_EQ(sender().finish(kPayload).size(), kNoiseXOverhead + kPayload.size());
}

TEST(NoiseX, DoesNotOpenWithAnyByteChanged) {
  for (std::size_t i = 0; i < kMessage.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      Bytes changed = kMessage;
      changed[i] ^= std::byte(bit);
      // RFC 7748 ignores the top bit of a u coordinate; the hash does not.
      EXPECT_TRUE(open_noise_x(kRecipient, kPrologue, changed).has_error()) << "byte " << i;
    }
  }
}

TEST(NoiseX, DoesNotOpenTruncatedOrExtended) {
  for (std::size_t size = 0; size < kMessage.size(); ++size) {
    EXPECT_TRUE(open_noise_x(kRecipient, kPrologue, ByteView(kMessage).first(size)).has_error());
  }
  Bytes longer = kMessage;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(open_noise_x(kRecipient, kPrologue, longer).has_error());
}

TEST(NoiseX, DoesNotOpenUnderAnotherPrologueOrKey) {
  EXPECT_TRUE(open_noise_x(kRecipient, as_bytes("John Galu"), kMessage).has_error());
  EXPECT_TRUE(open_noise_x(kSender, kPrologue, kMessage).has_error());
}

TEST(NoiseX, RefusesPointsOfLowOrder) {
  const X25519Key zero{}, one = key("0100000000000000000000000000000000000000000000000000000000000000");
  EXPECT_TRUE(NoiseXSender::start(kSender, zero, kPrologue, kEphemeral).has_error());
  EXPECT_TRUE(NoiseXSender::start(kSender, one, kPrologue, kEphemeral).has_error());
  Bytes message = kMessage;
  std::fill_n(message.begin(), 32, std::byte{0});
  EXPECT_TRUE(open_noise_x(kRecipient, kPrologue, message).has_error());
}

}  // namespace
}  // namespace quicket
