#include "tests/core/base/vectors.hpp"
#include "core/peer/control.hpp"
#include "core/peer/link.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

std::vector<std::string> strings(const vectors::object& from, std::string_view member) {
  return boost::json::value_to<std::vector<std::string>>(from.at(member));
}

Hello hello_of(const vectors::object& vector) {
  Hello hello{.version = vectors::number<std::uint32_t>(vector, "version"),
              .protocols = strings(vector, "protocols"),
              .pairing_proof = vectors::bytes(vector, "pairing_proof")};
  for (const auto& value : vector.at("candidates").as_array()) {
    const auto& candidate = value.as_object();
    hello.candidates.push_back({Address::parse(vectors::text(candidate, "address")).value(),
                                static_cast<CandidateKind>(vectors::number<std::uint8_t>(candidate, "kind"))});
  }
  return hello;
}

TEST(ControlVectors, AreWrittenAsTheySay) {
  const auto file = vectors::read("control.json");
  for (const auto& value : vectors::list(file, "hello")) {
    const auto& vector = value.as_object();
    EXPECT_EQ(hex(encode_hello(hello_of(vector))), vectors::text(vector, "stream")) << vectors::text(vector, "name");
  }
}

TEST(ControlVectors, AreReadAsTheySay) {
  const auto file = vectors::read("control.json");
  for (const auto& value : vectors::list(file, "hello")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    const Hello expected = hello_of(vector);
    ControlReader reader;
    const auto read = reader.feed(vectors::bytes(vector, "stream")).value();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->version, expected.version);
    EXPECT_EQ(read->protocols, expected.protocols);
    EXPECT_EQ(read->candidates, expected.candidates);
    EXPECT_EQ(read->pairing_proof, expected.pairing_proof);
  }
}

TEST(ControlVectors, AreAcceptedWhereAReaderMustGoOn) {
  const auto file = vectors::read("control.json");
  for (const auto& value : vectors::list(file, "accepted")) {
    const auto& vector = value.as_object();
    ControlReader reader;
    EXPECT_TRUE(reader.feed(vectors::bytes(vector, "stream")).has_value()) << vectors::text(vector, "name");
  }
}

TEST(ControlVectors, AreRefusedWhereTheyAreWrong) {
  const auto file = vectors::read("control.json");
  for (const auto& value : vectors::list(file, "refused")) {
    const auto& vector = value.as_object();
    ControlReader reader;
    const auto read = reader.feed(vectors::bytes(vector, "stream"));
    ASSERT_TRUE(read.has_error()) << vectors::text(vector, "name");
    EXPECT_EQ(read.error(), Errc::kProtocolViolation) << vectors::text(vector, "name");
  }
}

TEST(ControlVectors, ChooseTheProtocol) {
  const auto file = vectors::read("control.json");
  for (const auto& value : vectors::list(file, "protocol")) {
    const auto& vector = value.as_object();
    const auto chosen = choose_protocol(strings(vector, "dialer"), strings(vector, "accepter"));
    const auto& expected = vector.at("protocol");
    EXPECT_EQ(chosen ? boost::json::value(*chosen) : boost::json::value(), expected);
  }
}

TEST(ControlVectors, NameTheCloseCodes) {
  const auto file = vectors::read("control.json");
  const auto& codes = file.at("close_codes").as_object();
  EXPECT_EQ(codes.size(), 4u);
  EXPECT_EQ(vectors::number<std::uint64_t>(codes, "control_violation"), kCodeControlViolation);
  EXPECT_EQ(vectors::number<std::uint64_t>(codes, "no_common_protocol"), kCodeNoCommonProtocol);
  EXPECT_EQ(vectors::number<std::uint64_t>(codes, "no_hello"), kCodeNoHello);
  EXPECT_EQ(vectors::number<std::uint64_t>(codes, "pairing_refused"), kCodePairingRefused);
}

TEST(PairingVectors, GiveBothSidesProofs) {
  const auto file = vectors::read("pairing.json");
  for (const auto& value : vectors::list(file, "proofs")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    const Bytes secret = vectors::bytes(vector, "secret"), exporter = vectors::bytes(vector, "exporter");
    EXPECT_EQ(hex(pairing_proof(secret, quic::Role::kClient, exporter)), vectors::text(vector, "dialer"));
    EXPECT_EQ(hex(pairing_proof(secret, quic::Role::kServer, exporter)), vectors::text(vector, "accepter"));
  }
}

}  // namespace
}  // namespace quicket
