#include "tests/core/base/vectors.hpp"
#include "core/base/hash.hpp"
#include "core/offer/compact.hpp"
#include "core/offer/dictionary.hpp"
#include "core/offer/digits.hpp"
#include "core/offer/flight.hpp"
#include "core/offer/noise_x.hpp"
#include "core/offer/random_fields.hpp"
#include "core/offer/seal.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

OfferKind kind_of(const vectors::object& vector) {
  return static_cast<OfferKind>(vectors::number<std::uint8_t>(vector, "kind"));
}

Identity identity(const vectors::object& vector, std::string_view member) {
  return Identity::from_seed(vectors::fixed<32>(vector, member));
}

RelayHint relay_of(const vectors::object& fields) {
  RelayHint relay;
  for (const auto& address : vectors::list(fields, "addresses")) {
    relay.addresses.push_back(Address::parse(std::string(address.as_string())).value());
  }
  if (fields.contains("pin")) relay.pin = vectors::fixed<16>(fields, "pin");
  if (fields.contains("host")) relay.host = vectors::text(fields, "host");
  if (fields.contains("peer_token")) relay.peer_token = vectors::text(fields, "peer_token");
  return relay;
}

Offer offer_of(const vectors::object& fields, const vectors::object& file) {
  Offer offer{.expires = UnixTime(std::chrono::seconds(vectors::number<std::uint32_t>(fields, "expires")))};
  for (const auto& relay : vectors::list(fields, "relays")) offer.relays.push_back(relay_of(relay.as_object()));
  for (const auto& datagram : vectors::list(file, "flight")) {
    offer.flight.push_back(vectors::bytes(datagram.as_object(), "datagram"));
  }
  if (fields.contains("candidates")) {
    for (const auto& value : vectors::list(fields, "candidates")) {
      const auto& candidate = value.as_object();
      offer.candidates.push_back({Address::parse(vectors::text(candidate, "address")).value(),
                                  static_cast<CandidateKind>(vectors::number<std::uint8_t>(candidate, "kind"))});
    }
  }
  if (fields.contains("peer")) offer.peer = PeerId(vectors::fixed<32>(fields, "peer"));
  if (fields.contains("secret")) offer.secret = vectors::bytes(fields, "secret");
  return offer;
}

// for_each_offer calls `check` for each whole offer of the file.
template <class Check>
void for_each_offer(Check check) {
  const auto file = vectors::read("offers.json");
  for (const auto& value : vectors::list(file, "offers")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    check(vector, offer_of(vector.at("fields").as_object(), file));
  }
}

TEST(DictionaryVector, IsTheDictionary) {
  const auto file = vectors::read("dictionary.json");
  EXPECT_EQ(hex(dictionary_1()), vectors::text(file, "bytes"));
  EXPECT_EQ(dictionary_1().size(), vectors::number<std::size_t>(file, "size"));
  EXPECT_EQ(hex(sha256(dictionary_1())), vectors::text(file, "sha256"));
}

TEST(OfferVectors, CompactDatagrams) {
  const auto file = vectors::read("offers.json");
  for (const char* member : {"flight", "datagrams"}) {
    for (const auto& value : vectors::list(file, member)) {
      const auto& vector = value.as_object();
      SCOPED_TRACE(vector.contains("name") ? vectors::text(vector, "name") : "");
      const auto size = vectors::number<std::size_t>(vector, "size");
      const CompactDatagram expected{.packet = vectors::bytes(vector, size == 0 ? "datagram" : "packet"), .size = size};
      EXPECT_EQ(compact_datagram(vectors::bytes(vector, "datagram")), expected);
      EXPECT_EQ(hex(expand_datagram(expected).value()), vectors::text(vector, "datagram"));
    }
  }
}

TEST(OfferVectors, ExpandNoWrongDatagram) {
  const auto file = vectors::read("offers.json");
  for (const auto& value : vectors::list(file, "refused_datagrams")) {
    const auto& vector = value.as_object();
    const auto expanded = expand_datagram(
        {.packet = vectors::bytes(vector, "packet"), .size = vectors::number<std::size_t>(vector, "size")});
    EXPECT_TRUE(!expanded || !check_flight({*expanded})) << vectors::text(vector, "why");
  }
}

TEST(OfferVectors, SplitTheRandomFields) {
  const auto file = vectors::read("offers.json");
  for (const auto& value : vectors::list(file, "random_fields")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    Bytes body = vectors::bytes(vector, "body");
    const Bytes fields = take_random_fields(body);
    EXPECT_EQ(hex(fields), vectors::text(vector, "fields"));
    EXPECT_EQ(hex(body), vectors::text(vector, "blank"));
    ASSERT_TRUE(fill_random_fields(body, fields));
    EXPECT_EQ(hex(body), vectors::text(vector, "body"));
  }
}

TEST(OfferVectors, SealOnlyForKeysThatAreOfUse) {
  const auto file = vectors::read("offers.json");
  const Identity sender = Identity::generate();
  for (const auto& value : vectors::list(file, "recipients")) {
    const auto& vector = value.as_object();
    const auto sealer = Sealer::create(sender, PeerId(vectors::fixed<32>(vector, "key")));
    EXPECT_EQ(sealer.has_value(), vector.contains("x25519")) << vectors::text(vector, "key");
  }
}

TEST(OfferVectors, ExpandEveryCompactForm) {
  const auto file = vectors::read("offers.json");
  for (const auto& value : vectors::list(file, "forms")) {
    const auto& vector = value.as_object();
    const Bytes compact = vectors::bytes(vector, "compact");
    SCOPED_TRACE(vectors::number<int>(vector, "form"));
    EXPECT_EQ(compact.at(0), std::byte(vectors::number<std::uint8_t>(vector, "form")));
    EXPECT_EQ(hex(expand_body(compact).value()), vectors::text(vector, "body"));
  }
}

TEST(OfferVectors, EncodeAndDecodeTheBody) {
  for_each_offer([](const vectors::object& vector, const Offer& offer) {
    EXPECT_EQ(hex(encode_body(offer, kind_of(vector)).value()), vectors::text(vector, "body"));
    EXPECT_EQ(decode_body(vectors::bytes(vector, "body"), kind_of(vector)).value(), offer);
    EXPECT_EQ(hex(expand_body(vectors::bytes(vector, "compact")).value()), vectors::text(vector, "body"));
  });
}

TEST(OfferVectors, OpenForWhomTheyAreMeant) {
  for_each_offer([](const vectors::object& vector, const Offer& offer) {
    const PeerId sender = identity(vector, "sender_seed").id();
    const bool sealed = vector.contains("recipient_seed");
    const Identity recipient = sealed ? identity(vector, "recipient_seed") : Identity::generate();
    const auto opened = open_offer(vectors::bytes(vector, "offer"), recipient, std::array{sender}).value();
    EXPECT_EQ(opened.offer, offer);
    EXPECT_EQ(opened.kind, kind_of(vector));
    EXPECT_EQ(opened.sender, sender);
    EXPECT_EQ(hex(opened.session_secret), vectors::text(vector, "session_secret"));
    EXPECT_EQ(hex(opened.id), vectors::text(vector, "id"));
  });
}

// What the compressor makes of a body is its own affair; the seal around it is not.
TEST(OfferVectors, SealTheCompactBody) {
  const auto file = vectors::read("offers.json");
  const auto& vector = vectors::list(file, "offers").at(0).as_object();
  ASSERT_EQ(kind_of(vector), OfferKind::kSealed);
  const auto secret = vectors::fixed<32>(vector, "sender_x25519_secret");
  EXPECT_EQ(hex(x25519_public(secret)), vectors::text(vector, "sender_x25519"));
  auto noise = NoiseXSender::start(secret, vectors::fixed<32>(vector, "recipient_x25519"),
                                   vectors::bytes(vector, "prologue"), vectors::fixed<32>(vector, "ephemeral"))
                   .value();
  EXPECT_EQ(hex(noise.first_key()), vectors::text(vector, "first_key"));
  Bytes offer{std::byte{kOfferVersion}, std::byte{1}};
  const Bytes message = std::move(noise).finish(vectors::bytes(vector, "compact"));
  offer.insert(offer.end(), message.begin(), message.end());
  EXPECT_EQ(hex(offer), vectors::text(vector, "offer"));
}

TEST(OfferVectors, GiveTheSessionSecretBeforeTheOffer) {
  const auto file = vectors::read("offers.json");
  const auto& vector = vectors::list(file, "offers").at(0).as_object();
  const auto sealer = Sealer::create(identity(vector, "sender_seed"), identity(vector, "recipient_seed").id(),
                                     vectors::fixed<32>(vector, "ephemeral"))
                          .value();
  EXPECT_EQ(hex(sealer.session_secret()), vectors::text(vector, "session_secret"));
}

TEST(OfferVectors, HaveAllTextForms) {
  for_each_offer([](const vectors::object& vector, const Offer&) {
    const Bytes offer = vectors::bytes(vector, "offer");
    const auto& texts = vector.at("texts").as_object();
    EXPECT_EQ(offer_to_json(offer), vectors::text(texts, "json"));
    EXPECT_EQ(offer_to_uri(offer), vectors::text(texts, "uri"));
    EXPECT_EQ(offer_to_digits(offer), vectors::text(texts, "digits"));
    for (const auto& form : texts) {
      EXPECT_EQ(offer_from_text(std::string(form.value().as_string())).value(), offer) << form.key();
    }
  });
}

Errc error_named(std::string_view name) {
  if (name == "version") return Errc::kOfferVersion;
  if (name == "not_for_us") return Errc::kOfferNotForUs;
  if (name == "unknown_sender") return Errc::kPeerUnknown;
  if (name == "too_large") return Errc::kOfferTooLarge;
  if (name == "malformed") return Errc::kOfferMalformed;
  throw std::runtime_error("no such error: " + std::string(name));
}

TEST(OfferVectors, AreAcceptedOrRefusedAsTheySay) {
  const auto file = vectors::read("offers.json");
  const auto& first = vectors::list(file, "offers").at(0).as_object();
  const Identity recipient = identity(first, "recipient_seed");
  const std::array trusted{identity(first, "sender_seed").id()};
  for (const auto& value : vectors::list(file, "accepted")) {
    const auto& vector = value.as_object();
    EXPECT_TRUE(open_offer(vectors::bytes(vector, "offer"), recipient, trusted)) << vectors::text(vector, "name");
  }
  for (const auto& value : vectors::list(file, "refused")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "why"));
    const auto opened = open_offer(vectors::bytes(vector, "offer"), recipient, trusted);
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error(), error_named(vectors::text(vector, "error")));
  }
}

TEST(OfferVectors, AreReadFromTextsAsTheySay) {
  const auto file = vectors::read("offers.json");
  for (const auto& value : vectors::list(file, "texts")) {
    const auto& vector = value.as_object();
    const std::string text = vectors::text(vector, "text");
    SCOPED_TRACE(text);
    EXPECT_EQ(offer_from_text(text).value(), vectors::bytes(vector, "offer"));
  }
  for (const auto& value : vectors::list(file, "refused_texts")) {
    const auto& vector = value.as_object();
    EXPECT_TRUE(offer_from_text(vectors::text(vector, "text")).has_error()) << vectors::text(vector, "why");
  }
}

TEST(DigitsVectors, AreReadAndWritten) {
  const auto file = vectors::read("digits.json");
  for (const auto& value : vectors::list(file, "valid")) {
    const auto& vector = value.as_object();
    const Bytes bytes = vectors::bytes(vector, "bytes");
    EXPECT_EQ(to_digits(bytes), vectors::text(vector, "digits"));
    EXPECT_EQ(from_digits(vectors::text(vector, "digits"), kMaxOffer).value(), bytes);
  }
}

TEST(DigitsVectors, AreRefusedWhereTheyAreWrong) {
  const auto file = vectors::read("digits.json");
  for (const auto& value : vectors::list(file, "invalid")) {
    const auto& vector = value.as_object();
    EXPECT_TRUE(from_digits(vectors::text(vector, "digits"), kMaxOffer).has_error()) << vectors::text(vector, "why");
  }
}

}  // namespace
}  // namespace quicket
