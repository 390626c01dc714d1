#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket::relay {
namespace {

constexpr std::uint32_t kKeys = 12;

RegistrationKey any_key(std::uint32_t number) { return number % 3 == 0 ? bearer_key(number) : proven_key(number); }

// expect_consistent compares the table's own routes, a replica that got its changes, and its registrations.
void expect_consistent(const RouteTable& table, const Routes& replica) {
  std::size_t stated = 0, found = 0;
  for (std::uint32_t number = 0; number < kKeys; ++number) {
    const auto key = any_key(number);
    const auto registration = table.find(key);
    if (!registration) continue;
    ++found;
    stated += registration->num;
    for (const std::uint32_t counter : {registration->first, registration->first + registration->num - 1}) {
      const Route* route = table.routes().find(id_of(key, counter));
      const Route* copy = replica.find(id_of(key, counter));
      ASSERT_TRUE(route != nullptr && copy != nullptr);
      ASSERT_EQ(route->id, registration->id);
      ASSERT_EQ(route->target, registration->target);
      ASSERT_EQ(copy->id, route->id);
      ASSERT_EQ(copy->target, route->target);
      ASSERT_EQ(copy->gate, route->gate);
      ASSERT_EQ(copy->partner, route->partner);
    }
  }
  ASSERT_EQ(found, table.registrations());
  ASSERT_EQ(table.routes().size(), replica.size());
  ASSERT_GE(table.routes().size(), stated);
  ASSERT_LE(table.routes().size(), stated + found * 256);
}

TEST(RouteTable, StaysConsistentWithAReplicaThroughRandomOperations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](std::uint32_t below) {
    return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(random);
  };

  Limits limits = small_limits();
  limits.registrations = 10;
  limits.ids = 1500;
  limits.registrations_per_address = 4;
  limits.ids_per_address = 700;
  limits.quiet_lease = 20s;
  Routes replica(limits.ids, limits.registrations);
  RouteTable table(limits, [&](const RouteChange& change) { replica.apply(change); });

  TimePoint now = kStart;
  for (int step = 0; step < 3000; ++step) {
    now += std::chrono::milliseconds(pick(1000));
    const auto key = any_key(pick(kKeys));
    const Address remote = pick(2) == 0 ? kAlice.with_port(static_cast<std::uint16_t>(1 + pick(2))) : kBob;
    switch (pick(5)) {
      case 0:
      case 1: {
        const auto in = pick(3) == 0 ? std::nullopt : std::optional(session(pick(4)));
        table.register_window(with_range(window(key, remote, in), pick(500), pick(300)), now);
        break;
      }
      case 2:
        table.release(key);
        break;
      case 3:
        table.move(key, 0, from(remote), quota_address(remote));
        break;
      default:
        table.heard({pick(10), pick(20)}, now);
    }
    while (table.deadline() && *table.deadline() <= now) table.expire(now);
    ASSERT_NO_FATAL_FAILURE(expect_consistent(table, replica)) << "step " << step;
  }
  for (std::uint32_t number = 0; number < kKeys; ++number) table.release(any_key(number));
  EXPECT_EQ(table.routes().size(), 0u);
  EXPECT_EQ(table.sessions(), 0u);
  EXPECT_EQ(table.deadline(), std::nullopt);
  EXPECT_FALSE(replica.holds_registration(kBob));
}

}  // namespace
}  // namespace quicket::relay
