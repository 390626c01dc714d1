#include "core/offer/offer.hpp"

#include "quicket/v1/offer.pb.h"
#include "tests/core/offer/sample.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace quicket {
namespace {

using namespace std::chrono_literals;

const auto kInvalid = make_error_code(boost::system::errc::invalid_argument);

Random seeded() {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return Random(seed);
}

// decoded changes a valid body's message and reads it.
Result<Offer> decoded(OfferKind kind, const std::function<void(v1::OfferBody&)>& change) {
  Random random(7);
  v1::OfferBody body;
  const Bytes bytes = encode_body(sample_offer(random, kind), kind).value();
  body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  change(body);
  return decode_body(as_bytes(body.SerializeAsString()), kind);
}

Result<Bytes> encoded(OfferKind kind, const std::function<void(Offer&)>& change) {
  Random random(7);
  Offer offer = sample_offer(random, kind);
  change(offer);
  return encode_body(offer, kind);
}

TEST(Offer, ComesBackAsItWas) {
  Random random = seeded();
  for (const OfferKind kind : {OfferKind::kOpen, OfferKind::kSealed, OfferKind::kPairing}) {
    Offer offer = sample_offer(random, kind, 3);
    offer.relays[1].addresses.push_back(random_v6(random, 65535));
    offer.relays[2].pin.reset();
    offer.relays[2].host = "relay.example.org";
    offer.relays[2].peer_token = "abc.DEF-123";
    if (kind == OfferKind::kSealed) {
      offer.candidates = {{random_v4(random, 1), CandidateKind::kHost},
                          {random_v6(random, 50'000), CandidateKind::kMapped}};
    }
    EXPECT_EQ(decode_body(encode_body(offer, kind).value(), kind).value(), offer);
  }
}

TEST(Offer, ExpiresAfterTheTolerance) {
  EXPECT_TRUE(check_expiry(kSampleTime, kSampleTime));
  EXPECT_TRUE(check_expiry(kSampleTime, kSampleTime + kClockTolerance));
  EXPECT_EQ(check_expiry(kSampleTime, kSampleTime + kClockTolerance + 1s).error(), Errc::kOfferExpired);
}

TEST(Offer, MayNotExpireLaterThanTheLongestValidity) {
  const UnixTime latest = kSampleTime + kLongestValidity + kClockTolerance;
  EXPECT_TRUE(check_expiry(latest, kSampleTime));
  EXPECT_EQ(check_expiry(latest + 1s, kSampleTime).error(), Errc::kOfferMalformed);
  const UnixTime latest_to_pair = kSampleTime + kLongestPairing + kClockTolerance;
  EXPECT_TRUE(check_expiry(latest_to_pair, kSampleTime, OfferKind::kPairing));
  EXPECT_EQ(check_expiry(latest_to_pair + 1s, kSampleTime, OfferKind::kPairing).error(), Errc::kOfferMalformed);
}

TEST(Offer, NamesARelaysHostInItsCanonicalForm) {
  const auto read = [](const std::string& host) {
    return decoded(OfferKind::kSealed, [&](v1::OfferBody& body) {
      body.mutable_relays(0)->clear_pin(), body.mutable_relays(0)->set_host(host);
    });
  };
  for (const char* host : {"relay.example.org", "192.0.2.1", "2001:db8::1"})
    EXPECT_TRUE(read(host).has_value()) << host;
  for (const char* host : {"Relay.example.org", "2001:DB8::1", "2001:db8:0::1", "[2001:db8::1]",
                           "relay.example.org:443", "relay.example.org/", "a..b", "1.2.3", "-", ":"}) {
    EXPECT_EQ(read(host).error(), Errc::kOfferMalformed) << host;
  }
}

TEST(Offer, WritesNothingBeyondItsLimits) {
  const auto refused = [](OfferKind kind, const std::function<void(Offer&)>& change) {
    return encoded(kind, change) == Result<Bytes>(kInvalid);
  };
  const auto sealed = OfferKind::kSealed;
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays.clear(); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays.resize(9, offer.relays[0]); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].addresses.clear(); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].addresses.resize(5, offer.relays[0].addresses[0]); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].host = "both.example"; }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].pin.reset(); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].peer_token = std::string(513, 'x'); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.relays[0].peer_token = "a\nb"; }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.flight.clear(); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.flight.resize(17, offer.flight[0]); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.candidates.resize(17, {offer.relays[0].addresses[0]}); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.expires = UnixTime(-1s); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.expires = UnixTime(std::chrono::seconds(1LL << 32)); }));
  EXPECT_TRUE(refused(sealed, [](Offer& offer) { offer.flags = 1; }));
}

TEST(Offer, KeepsEachKindsFieldsToThatKind) {
  const auto add_peer = [](Offer& offer) { offer.peer = PeerId(); };
  const auto drop_peer = [](Offer& offer) { offer.peer.reset(); };
  const auto add_candidate = [](Offer& offer) { offer.candidates = {{offer.relays[0].addresses[0]}}; };
  EXPECT_EQ(encoded(OfferKind::kSealed, add_peer).error(), kInvalid);
  EXPECT_EQ(encoded(OfferKind::kSealed, [](Offer& offer) { offer.secret.resize(32); }).error(), kInvalid);
  EXPECT_EQ(encoded(OfferKind::kOpen, [](Offer& offer) { offer.secret.resize(16); }).error(), kInvalid);
  EXPECT_EQ(encoded(OfferKind::kPairing, [](Offer& offer) { offer.secret.resize(32); }).error(), kInvalid);
  for (const OfferKind kind : {OfferKind::kOpen, OfferKind::kPairing}) {
    EXPECT_EQ(encoded(kind, drop_peer).error(), kInvalid);
    EXPECT_EQ(encoded(kind, add_candidate).error(), kInvalid);
  }
}

TEST(Offer, ReadsNothingBeyondItsLimits) {
  const auto refused = [](const std::function<void(v1::OfferBody&)>& change) {
    return decoded(OfferKind::kSealed, change) == Result<Offer>(Errc::kOfferMalformed);
  };
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.clear_relays(); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) {
    while (body.relays_size() < 9) *body.add_relays() = body.relays(0);
  }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.clear_flight(); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) {
    while (body.flight_size() < 17) *body.add_flight() = body.flight(0);
  }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) {
    while (body.candidates_size() < 17) *body.add_candidates()->mutable_address() = body.relays(0).addresses(0);
  }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_relays(0)->mutable_addresses(0)->set_ip("12345"); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_relays(0)->mutable_addresses(0)->set_port(0); }));
  EXPECT_TRUE(
      refused([](v1::OfferBody& body) { body.mutable_relays(0)->mutable_addresses(0)->set_port(65536 + 443); }));
  EXPECT_TRUE(
      refused([](v1::OfferBody& body) { body.mutable_relays(0)->mutable_addresses(0)->set_ip(std::string(4, '\0')); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_relays(0)->mutable_addresses(0)->set_ip("\xe0zzz"); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_relays(0)->set_pin("short"); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_relays(0)->clear_pin(); }));
  EXPECT_TRUE(refused(
      [](v1::OfferBody& body) { body.mutable_relays(0)->clear_pin(), body.mutable_relays(0)->set_host("a b"); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.mutable_flight(0)->set_size(0); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) {
    body.mutable_flight(0)->set_packet(std::string(1200, 'x')), body.mutable_flight(0)->set_size(0);
  }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.set_peer(std::string(32, 'x')); }));
  EXPECT_TRUE(refused([](v1::OfferBody& body) { body.set_secret(std::string(32, 'x')); }));
}

TEST(Offer, RefusesFlagsThatItDoesNotKnow) {
  for (const std::uint32_t flags : {1u, 2u, 0x8000'0000u}) {
    EXPECT_EQ(decoded(OfferKind::kSealed, [&](v1::OfferBody& body) { body.set_flags(flags); }).error(),
              Errc::kOfferVersion);
  }
}

TEST(Offer, LeavesOutCandidatesOfAnUnknownKind) {
  const auto offer = decoded(OfferKind::kSealed, [](v1::OfferBody& body) {
    for (const std::uint32_t kind : {0u, 1u, 4u, 3u}) {
      v1::Candidate& candidate = *body.add_candidates();
      *candidate.mutable_address() = body.relays(0).addresses(0);
      candidate.set_kind(kind);
    }
  });
  ASSERT_EQ(offer.value().candidates.size(), 2u);
  EXPECT_EQ(offer->candidates[0].kind, CandidateKind::kHost);
  EXPECT_EQ(offer->candidates[1].kind, CandidateKind::kMapped);
}

TEST(Offer, IgnoresFieldsThatItDoesNotKnow) {
  Random random = seeded();
  const Offer offer = sample_offer(random, OfferKind::kSealed);
  Bytes body = encode_body(offer, OfferKind::kSealed).value();
  for (const int octet : {0x82, 0x01, 0x02, 0x68, 0x69}) body.push_back(std::byte(octet));  // field 16
  EXPECT_EQ(decode_body(body, OfferKind::kSealed).value(), offer);
}

TEST(Offer, TakesRandomBytesWithoutHarm) {
  Random random = seeded();
  const Bytes good = encode_body(sample_offer(random, OfferKind::kSealed), OfferKind::kSealed).value();
  for (int round = 0; round < 10'000; ++round) {
    Bytes body = good;
    body[random() % body.size()] = std::byte(static_cast<std::uint8_t>(random()));
    if (round % 3 == 0) body = random_bytes(random, random() % 300);
    const auto kind = static_cast<OfferKind>(random() % 3);
    if (const auto offer = decode_body(body, kind)) {
      EXPECT_TRUE(encode_body(*offer, kind));
    }
  }
}

}  // namespace
}  // namespace quicket
