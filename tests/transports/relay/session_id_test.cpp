#include "transports/relay/session_id.hpp"

#include "core/base/encoding.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

SessionSecret secret() {
  SessionSecret made{};
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = std::byte(i);
  return made;
}

RelayPin pin(std::uint8_t value) {
  RelayPin made;
  made.fill(std::byte{value});
  return made;
}

// The expected values were computed apart, by RFC 5869 with Python's hmac.
TEST(RelaySessionId, IsDerivedFromTheSecretAndThePin) {
  EXPECT_EQ(hex(relay_session_id(secret(), pin(0xaa), "ignored.test")), "9d63116d0b95d66caba6f8141e8ade1c");
}

TEST(RelaySessionId, IsDerivedFromTheHostWithoutAPin) {
  EXPECT_EQ(hex(relay_session_id(secret(), std::nullopt, "relay.test")), "3937012b320df95fcff1122c97c91f6a");
}

TEST(RelaySessionId, DiffersFromRelayToRelay) {
  EXPECT_NE(relay_session_id(secret(), pin(1), ""), relay_session_id(secret(), pin(2), ""));
  EXPECT_NE(relay_session_id(secret(), std::nullopt, "a.test"), relay_session_id(secret(), std::nullopt, "b.test"));
}

}  // namespace
}  // namespace quicket::transports
