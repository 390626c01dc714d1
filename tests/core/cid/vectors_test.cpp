#include "tests/core/base/vectors.hpp"
#include "core/cid/schedule.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

TEST(ConnectionIdVectors, AreWhatTheScheduleGives) {
  const auto file = vectors::read("connection_ids.json");
  for (const auto& value : vectors::list(file, "vectors")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "id"));
    const Owner owner = vectors::text(vector, "owner") == "peer" ? Owner::kPeer : Owner::kHttp3;
    const auto schedule =
        Schedule::create(vectors::bytes(vector, "key"), owner, vectors::number<std::size_t>(vector, "length")).value();
    EXPECT_EQ(schedule.at(vectors::number<std::uint32_t>(vector, "counter")).hex(), vectors::text(vector, "id"));
  }
}

}  // namespace
}  // namespace quicket
