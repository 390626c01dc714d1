#include "core/peer/control.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

TEST(Control, HelloSurvivesItsEncodingInPiecesOfAnySize) {
  const Hello hello{.protocols = {"a/1", std::string(255, 'b')},
                    .candidates = {{Address::loopback(9), CandidateKind::kReflexive}}};
  const Bytes encoded = encode_hello(hello);
  for (std::size_t piece = 1; piece <= encoded.size(); piece += 7) {
    ControlReader reader;
    std::optional<Hello> got;
    for (std::size_t at = 0; at < encoded.size(); at += piece) {
      const auto fed = reader.feed(ByteView(encoded).subspan(at, std::min(piece, encoded.size() - at)));
      ASSERT_TRUE(fed.has_value());
      if (*fed) got = **fed;
    }
    ASSERT_TRUE(got);
    EXPECT_EQ(got->protocols, hello.protocols);
    EXPECT_EQ(got->candidates, hello.candidates);
  }
}

TEST(Control, RefusesASecondHello) {
  ControlReader reader;
  const Bytes hello = encode_hello({.protocols = {"a"}});
  ASSERT_TRUE(reader.feed(hello).has_value());
  EXPECT_EQ(reader.feed(hello).error(), Errc::kProtocolViolation);
}

TEST(Control, RefusesAnythingBeforeHello) {
  ControlReader reader;
  const Bytes empty_message{std::byte{0}};
  EXPECT_EQ(reader.feed(empty_message).error(), Errc::kProtocolViolation);
}

TEST(Control, IgnoresMessagesItDoesNotKnow) {
  ControlReader reader;
  ASSERT_TRUE(reader.feed(encode_hello({.protocols = {"a"}})).has_value());
  const Bytes unknown{std::byte{3}, std::byte{0xa2}, std::byte{0x06}, std::byte{0x00}};  // field 100, empty
  EXPECT_TRUE(reader.feed(unknown).has_value());
}

TEST(Control, RefusesAMessageOverTheLimitBeforeItHasArrived) {
  ControlReader reader;
  const Bytes length{std::byte{0x80}, std::byte{0}, std::byte{0x40}, std::byte{1}};  // 16385
  EXPECT_EQ(reader.feed(length).error(), Errc::kProtocolViolation);
}

TEST(Control, TakesTheFirstOfTheDialersProtocolsThatTheAccepterHas) {
  EXPECT_EQ(choose_protocol({"a", "b", "c"}, {"c", "b"}), "b");
  EXPECT_EQ(choose_protocol({"a"}, {"b"}), std::nullopt);
}

}  // namespace
}  // namespace quicket
