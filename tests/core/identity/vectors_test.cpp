#include "tests/core/base/vectors.hpp"
#include "core/identity/proof.hpp"

#include <quicket/relay_url.hpp>

#include <gtest/gtest.h>

#include <boost/algorithm/string/case_conv.hpp>

namespace quicket {
namespace {

TEST(PeerIdVectors, AreReadAndWritten) {
  const auto file = vectors::read("peer_ids.json");
  for (const auto& value : vectors::list(file, "valid")) {
    const auto& vector = value.as_object();
    const std::string id = vectors::text(vector, "id");
    SCOPED_TRACE(id);
    const PeerId expected(vectors::fixed<32>(vector, "key"));
    EXPECT_EQ(expected.to_string(), id);
    EXPECT_EQ(PeerId::parse(id).value(), expected);
    EXPECT_EQ(PeerId::parse(boost::to_upper_copy(id)).value(), expected);
    if (vector.contains("seed")) {
      EXPECT_EQ(Identity::from_seed(vectors::fixed<32>(vector, "seed")).id(), expected);
    }
  }
}

TEST(PeerIdVectors, AreRefusedWhereTheyAreWrong) {
  const auto file = vectors::read("peer_ids.json");
  for (const auto& value : vectors::list(file, "invalid")) {
    const auto& vector = value.as_object();
    EXPECT_EQ(PeerId::parse(vectors::text(vector, "id")).error(), Errc::kPeerIdMalformed)
        << vectors::text(vector, "why");
  }
}

TEST(RelayUrlVectors, AreReadAndWritten) {
  const auto file = vectors::read("relay_urls.json");
  for (const auto& value : vectors::list(file, "valid")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "url"));
    const auto url = RelayUrl::parse(vectors::text(vector, "url")).value();
    EXPECT_EQ(url.host, vectors::text(vector, "host"));
    EXPECT_EQ(url.port, vectors::number<std::uint16_t>(vector, "port"));
    EXPECT_EQ(url.authority(), vectors::text(vector, "authority"));
    EXPECT_EQ(url.to_string(), vectors::text(vector, "canonical"));
    boost::json::array pins;
    for (const RelayPin& pin : url.pins) pins.emplace_back(hex(pin));
    EXPECT_EQ(pins, vector.at("pins").as_array());
  }
}

TEST(RelayUrlVectors, AreRefusedWhereTheyAreWrong) {
  const auto file = vectors::read("relay_urls.json");
  for (const auto& value : vectors::list(file, "invalid")) {
    const auto& vector = value.as_object();
    EXPECT_EQ(RelayUrl::parse(vectors::text(vector, "url")).error(), Errc::kRelayUrlMalformed)
        << vectors::text(vector, "why");
  }
}

TEST(RegistrationProofVectors, AreMadeAndHold) {
  const auto file = vectors::read("registration.json");
  for (const auto& value : vectors::list(file, "proofs")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "message"));
    const Identity key = Identity::from_seed(vectors::fixed<32>(vector, "seed"));
    const Bytes exporter = vectors::bytes(vector, "exporter"), session = vectors::bytes(vector, "session");
    EXPECT_EQ(hex(key.id().key()), vectors::text(vector, "key"));
    EXPECT_EQ(hex(registration_proof_message(exporter, key.id().key(), session)), vectors::text(vector, "message"));
    EXPECT_EQ(hex(registration_proof(key, exporter, session)), vectors::text(vector, "proof"));
    EXPECT_TRUE(registration_proof_holds(key.id().key(), exporter, session, vectors::bytes(vector, "proof")));
  }
}

TEST(MailboxProofVectors, AreMadeAndHold) {
  const auto file = vectors::read("mailbox.json");
  for (const auto& value : vectors::list(file, "proofs")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "message"));
    const Identity peer = Identity::from_seed(vectors::fixed<32>(vector, "seed"));
    const Bytes exporter = vectors::bytes(vector, "exporter"), proof = vectors::bytes(vector, "proof");
    EXPECT_EQ(peer.id().to_string(), vectors::text(vector, "peer"));
    EXPECT_EQ(hex(mailbox_proof(peer, exporter)), hex(proof));
    EXPECT_EQ(base64url(proof), vectors::text(vector, "header"));
    EXPECT_TRUE(verify(peer.id().key(), vectors::bytes(vector, "message"), proof));
    EXPECT_TRUE(mailbox_proof_holds(peer.id(), exporter, proof));
    EXPECT_FALSE(mailbox_proof_holds(peer.id(), Bytes(32), proof));
  }
}

}  // namespace
}  // namespace quicket
