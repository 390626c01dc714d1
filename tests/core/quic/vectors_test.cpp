#include "tests/core/base/vectors.hpp"
#include "core/quic/initial_filter.hpp"

#include <gtest/gtest.h>

namespace quicket::quic {
namespace {

std::string_view name_of(FrozenVerdict verdict) {
  switch (verdict) {
    case FrozenVerdict::kFeed:
      return "feed";
    case FrozenVerdict::kRefusal:
      return "refusal";
    case FrozenVerdict::kOther:
      break;
  }
  return "other";
}

TEST(InitialFilterVectors, AreJudgedAsTheySay) {
  const auto file = vectors::read("initial_filter.json");
  const FrozenDial dial{.first_id = *ConnectionId::from(vectors::bytes(file, "first_id")),
                        .original_id = *ConnectionId::from(vectors::bytes(file, "original_id")),
                        .peer_length = vectors::number<std::size_t>(file, "peer_length")};
  for (const auto& value : vectors::list(file, "datagrams")) {
    const auto& vector = value.as_object();
    EXPECT_EQ(name_of(judge_while_frozen(vectors::bytes(vector, "datagram"), dial)), vectors::text(vector, "verdict"))
        << vectors::text(vector, "name");
  }
}

}  // namespace
}  // namespace quicket::quic
