#include "tests/core/base/vectors.hpp"
#include "transports/relay/session_id.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

TEST(SessionIdVectors, AreDerivedAsTheySay) {
  const auto file = vectors::read("registration.json");
  for (const auto& value : vectors::list(file, "sessions")) {
    const auto& vector = value.as_object();
    std::optional<RelayPin> pin;
    std::string host;
    if (vector.contains("pin")) {
      pin = vectors::fixed<16>(vector, "pin");
    } else {
      host = vectors::text(vector, "host");
    }
    EXPECT_EQ(hex(relay_session_id(vectors::fixed<32>(vector, "secret"), pin, host)), vectors::text(vector, "session"));
  }
}

}  // namespace
}  // namespace quicket::transports
