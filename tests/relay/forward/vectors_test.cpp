#include "tests/core/base/vectors.hpp"
#include "relay/forward/decide.hpp"
#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::relay {
namespace {

std::string_view name_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kForward:
      return "forward";
    case Verdict::Kind::kHold:
      return "hold";
    case Verdict::Kind::kHttp3:
      return "http3";
    case Verdict::Kind::kDrop:
      break;
  }
  return "drop";
}

// Registered are the file's registrations, in a table.
struct Registered {
  RouteTable table{small_limits(), {}};
  std::vector<std::pair<std::string, RegistrationId>> names;

  explicit Registered(const vectors::object& file) {
    for (const auto& value : vectors::list(file, "registrations")) {
      const auto& vector = value.as_object();
      std::optional<SessionId> in;
      if (!vectors::text(vector, "session").empty()) in = vectors::fixed<16>(vector, "session");
      const auto key = RegistrationKey::from(vectors::bytes(vector, "key")).value();
      const auto request =
          with_range(window(key, address(vectors::text(vector, "address")), in),
                     vectors::number<std::uint32_t>(vector, "first"), vectors::number<std::uint32_t>(vector, "num"));
      if (!table.register_window(request, kStart)) throw std::runtime_error("not granted");
      names.emplace_back(vectors::text(vector, "name"), table.find(key)->id);
    }
  }

  std::string name(const RegistrationId& id) const {
    const auto found = std::ranges::find(names, id, [](const auto& entry) { return entry.second; });
    return found == names.end() ? std::string("another") : found->first;
  }
};

std::string optional_text(const vectors::object& from, std::string_view member) {
  return from.contains(member) ? vectors::text(from, member) : std::string();
}

TEST(ForwardingVectors, GetTheirVerdicts) {
  const auto file = vectors::read("forwarding.json");
  ASSERT_EQ(vectors::number<std::size_t>(file, "length"), ConnectionId::kDefaultLength);
  const Registered registered(file);
  for (const auto& value : vectors::list(file, "datagrams")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    const Bytes datagram = vectors::bytes(vector, "datagram");
    const Verdict verdict = decide(registered.table.routes(), datagram, address(vectors::text(vector, "from")));
    EXPECT_EQ(name_of(verdict.kind), vectors::text(vector, "verdict"));
    EXPECT_EQ(verdict.route ? registered.name(verdict.route->id) : "", optional_text(vector, "to"));
    EXPECT_EQ(verdict.heard ? registered.name(*verdict.heard) : "", optional_text(vector, "alive"));
  }
}

}  // namespace
}  // namespace quicket::relay
