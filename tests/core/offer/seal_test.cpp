#include "core/offer/seal.hpp"

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
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

// Peers are a dialer, an accepter, and an accepter's friend.
struct Peers {
  explicit Peers(Random& random)
      : alice(random_identity(random)), bob(random_identity(random)), carol(random_identity(random)) {}
  Identity alice, bob, carol;
};

X25519Key fresh_key(Random& random) {
  X25519Key key;
  std::ranges::copy(random_bytes(random, key.size()), key.begin());
  return key;
}

TEST(Seal, OpensForItsRecipientWithTheSameSessionSecret) {
  Random random = seeded();
  const Peers peers(random);
  const Offer offer = sample_offer(random, OfferKind::kSealed);
  Sealer sealer = Sealer::create(peers.alice, peers.bob.id()).value();
  const SessionSecret secret = sealer.session_secret();
  const Bytes bytes = sealer.seal(offer).value();

  const std::array trusted{peers.carol.id(), peers.alice.id()};
  const auto opened = open_offer(bytes, peers.bob, trusted).value();
  EXPECT_EQ(opened.offer, offer);
  EXPECT_EQ(opened.kind, OfferKind::kSealed);
  EXPECT_EQ(opened.sender, peers.alice.id());
  EXPECT_EQ(opened.session_secret, secret);
  EXPECT_EQ(opened.id, offer_id(bytes));
}

TEST(Seal, FitsOneRelayInto250Bytes) {
  Random random = seeded();
  const Peers peers(random);
  std::size_t smallest = kMaxOffer, largest = 0, sum = 0;
  constexpr std::size_t kOffers = 300;
  for (std::size_t round = 0; round < kOffers; ++round) {
    const Offer offer = sample_offer(random, OfferKind::kSealed);
    const Bytes bytes = Sealer::create(peers.alice, peers.bob.id()).value().seal(offer).value();
    smallest = std::min(smallest, bytes.size()), largest = std::max(largest, bytes.size()), sum += bytes.size();
    EXPECT_EQ(open_offer(bytes, peers.bob, std::array{peers.alice.id()}).value().offer, offer);
  }
  std::printf("sealed, one IPv4 relay: %zu to %zu bytes, mean %zu\n", smallest, largest, sum / kOffers);
  EXPECT_LE(largest, 250u);
}

TEST(Seal, FitsTwoCandidatesToo) {
  Random random = seeded();
  const Peers peers(random);
  std::size_t largest = 0;
  for (int round = 0; round < 100; ++round) {
    Offer offer = sample_offer(random, OfferKind::kSealed);
    offer.candidates = {{random_v4(random, 51'234), CandidateKind::kHost},
                        {random_v4(random, 61'234), CandidateKind::kReflexive}};
    largest = std::max(largest, Sealer::create(peers.alice, peers.bob.id()).value().seal(offer).value().size());
  }
  std::printf("sealed, one IPv4 relay, two IPv4 candidates: at most %zu bytes\n", largest);
  EXPECT_LE(largest, 250u);
}

TEST(Seal, RefusesEveryByteChanged) {
  Random random = seeded();
  const Peers peers(random);
  const std::array trusted{peers.alice.id()};
  const Bytes bytes =
      Sealer::create(peers.alice, peers.bob.id()).value().seal(sample_offer(random, OfferKind::kSealed)).value();
  ASSERT_TRUE(open_offer(bytes, peers.bob, trusted));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bits : {0x01, 0x40, 0x80, 0xff}) {
      Bytes changed = bytes;
      changed[i] ^= std::byte(bits);
      const auto opened = open_offer(changed, peers.bob, trusted);
      ASSERT_TRUE(opened.has_error()) << "byte " << i << " bits " << bits;
      if (i >= 2) {
        EXPECT_EQ(opened.error(), Errc::kOfferNotForUs) << i;
      }
    }
  }
}

TEST(Seal, RefusesEveryTruncation) {
  Random random = seeded();
  const Peers peers(random);
  const Bytes bytes =
      Sealer::create(peers.alice, peers.bob.id()).value().seal(sample_offer(random, OfferKind::kSealed)).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(open_offer(ByteView(bytes).first(size), peers.bob, std::array{peers.alice.id()}).has_error()) << size;
  }
}

TEST(Seal, TellsAnUntrustedSenderFromAnOfferForAnotherKey) {
  Random random = seeded();
  const Peers peers(random);
  const Bytes bytes =
      Sealer::create(peers.alice, peers.bob.id()).value().seal(sample_offer(random, OfferKind::kSealed)).value();
  EXPECT_EQ(open_offer(bytes, peers.bob, std::array{peers.carol.id()}).error(), Errc::kPeerUnknown);
  EXPECT_EQ(open_offer(bytes, peers.bob, {}).error(), Errc::kPeerUnknown);
  EXPECT_EQ(open_offer(bytes, peers.carol, std::array{peers.alice.id()}).error(), Errc::kOfferNotForUs);
}

TEST(Seal, WorksOnce) {
  Random random = seeded();
  const Peers peers(random);
  Sealer sealer = Sealer::create(peers.alice, peers.bob.id()).value();
  Offer offer = sample_offer(random, OfferKind::kSealed);
  offer.relays.clear();
  EXPECT_TRUE(sealer.seal(offer).has_error());  // nothing was encrypted
  EXPECT_TRUE(sealer.seal(sample_offer(random, OfferKind::kSealed)));
  EXPECT_EQ(sealer.seal(sample_offer(random, OfferKind::kSealed)).error(), Errc::kUnsupported);
}

TEST(Seal, HasAnotherSecretEachTimeAndTheSameForTheSameEphemeralKey) {
  Random random = seeded();
  const Peers peers(random);
  const X25519Key ephemeral = fresh_key(random);
  const auto first = Sealer::create(peers.alice, peers.bob.id(), ephemeral).value();
  EXPECT_EQ(first.session_secret(), Sealer::create(peers.alice, peers.bob.id(), ephemeral).value().session_secret());
  EXPECT_NE(first.session_secret(), Sealer::create(peers.alice, peers.bob.id()).value().session_secret());
}

TEST(Seal, RefusesRecipientsThatAreNoPoints) {
  Random random = seeded();
  const Peers peers(random);
  PeerId::Key one{};
  one[0] = std::byte{1};  // the neutral element
  EXPECT_EQ(Sealer::create(peers.alice, PeerId(one)).error(), Errc::kPeerIdMalformed);
  EXPECT_EQ(Sealer::create(peers.alice, PeerId()).error(), Errc::kPeerIdMalformed);
}

TEST(Seal, OpensForARecipientWhoAlsoTrustsKeysThatAreNoPoints) {
  Random random = seeded();
  const Peers peers(random);
  const Bytes bytes =
      Sealer::create(peers.alice, peers.bob.id()).value().seal(sample_offer(random, OfferKind::kSealed)).value();
  EXPECT_TRUE(open_offer(bytes, peers.bob, std::array{PeerId(), peers.alice.id()}));
}

TEST(Seal, DoesNotOpenWhenTheKindIsChanged) {
  Random random = seeded();
  const Peers peers(random);
  Bytes bytes =
      Sealer::create(peers.alice, peers.bob.id()).value().seal(sample_offer(random, OfferKind::kSealed)).value();
  for (const int kind : {0, 2}) {
    bytes[1] = std::byte(kind);
    EXPECT_TRUE(open_offer(bytes, peers.bob, std::array{peers.alice.id()}).has_error());
  }
  bytes[1] = std::byte{3};
  EXPECT_EQ(open_offer(bytes, peers.bob, {}).error(), Errc::kOfferVersion);
}

TEST(Unsealed, OpenOffersCarryTheirSessionSecret) {
  Random random = seeded();
  const Peers peers(random);
  const Offer offer = sample_offer(random, OfferKind::kOpen);
  const auto opened = open_offer(write_unsealed(offer, OfferKind::kOpen).value(), peers.bob, {}).value();
  EXPECT_EQ(opened.offer, offer);
  EXPECT_EQ(opened.kind, OfferKind::kOpen);
  EXPECT_EQ(opened.sender, offer.peer);
  EXPECT_TRUE(std::ranges::equal(opened.session_secret, offer.secret));
}

TEST(Unsealed, PairingOffersDeriveTheirSessionSecret) {
  Random random = seeded();
  const Peers peers(random);
  const Offer offer = sample_offer(random, OfferKind::kPairing);
  const auto opened = open_offer(write_unsealed(offer, OfferKind::kPairing).value(), peers.bob, {}).value();
  EXPECT_EQ(opened.kind, OfferKind::kPairing);
  EXPECT_EQ(hex(opened.session_secret), hex(hkdf_sha256(offer.secret, as_bytes("quicket session 1"), 32)));
  EXPECT_EQ(opened.session_secret, unsealed_session_secret(OfferKind::kPairing, offer.secret));
}

TEST(Unsealed, PrintsItsSizes) {
  Random random = seeded();
  for (const OfferKind kind : {OfferKind::kOpen, OfferKind::kPairing}) {
    const std::size_t size = write_unsealed(sample_offer(random, kind), kind).value().size();
    std::printf("%s, one IPv4 relay: %zu bytes\n", kind == OfferKind::kOpen ? "open" : "pairing", size);
    EXPECT_LE(size, 250u);
  }
}

TEST(OpenOffer, TakesRandomBytesWithoutHarm) {
  Random random = seeded();
  const Peers peers(random);
  const Bytes pairing = write_unsealed(sample_offer(random, OfferKind::kPairing), OfferKind::kPairing).value();
  for (int round = 0; round < 5'000; ++round) {
    Bytes bytes = random_bytes(random, random() % 400);
    if (bytes.size() >= 2 && round % 2 == 0)
      bytes[0] = std::byte{1}, bytes[1] = std::byte(static_cast<std::uint8_t>(random() % 3));
    if (round % 3 == 0) {
      bytes = pairing;
      bytes[2 + random() % (bytes.size() - 2)] ^= std::byte(static_cast<std::uint8_t>(1 + random() % 255));
    }
    if (const auto opened = open_offer(bytes, peers.bob, {})) {
      EXPECT_NE(opened->kind, OfferKind::kSealed);
    }
  }
}

TEST(OpenOffer, RefusesOffersThatAreTooLarge) {
  Random random = seeded();
  Bytes bytes(kMaxOffer + 1);
  bytes[0] = std::byte{1};
  EXPECT_EQ(open_offer(bytes, random_identity(random), {}).error(), Errc::kOfferTooLarge);
}

}  // namespace
}  // namespace quicket
