#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(Lease, EndsAfterItsQuietTime) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  EXPECT_EQ(table.deadline(), kStart + 2min);
  table.expire(kStart + 2min - 1ns);
  EXPECT_EQ(table.registrations(), 1u);
  table.expire(kStart + 2min);
  EXPECT_EQ(table.registrations(), 0u);
  EXPECT_EQ(table.routes().size(), 0u);
  EXPECT_EQ(table.counters().expired, 1u);
}

TEST(Lease, IsRenewedByARefresh) {
  RouteTable table(small_limits(), {});
  const auto request = window(proven_key(1), kAlice);
  ASSERT_TRUE(table.register_window(request, kStart));
  ASSERT_TRUE(table.register_window(request, kStart + 1min));
  table.expire(kStart + 3min - 1ns);
  EXPECT_EQ(table.registrations(), 1u);
  table.expire(kStart + 3min);
  EXPECT_EQ(table.registrations(), 0u);
}

TEST(Lease, IsRenewedBySignsOfLifeButNotItsPartners) {
  RouteTable table(small_limits(), {});
  const auto alice = table.register_window(window(proven_key(1), kAlice, session(1)), kStart);
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(1)), kStart));
  table.heard(alice->id, kStart + 1min);
  table.expire(kStart + 2min);
  EXPECT_TRUE(table.find(proven_key(1)).has_value());
  EXPECT_FALSE(table.find(proven_key(2)).has_value());
  EXPECT_EQ(table.deadline(), kStart + 3min);
}

TEST(Lease, EndsAfterItsAbsoluteTimeWhateverTheTraffic) {
  RouteTable table(small_limits(), {});
  const auto grant = table.register_window(window(proven_key(1), kAlice), kStart);
  for (TimePoint now = kStart; now < kStart + 24h; now += 1min) {
    table.heard(grant->id, now);
    table.expire(now);
    ASSERT_EQ(table.registrations(), 1u);
  }
  table.expire(kStart + 24h);
  EXPECT_EQ(table.registrations(), 0u);
}

// The reference implementation registers without a session, once, and then only sends.
TEST(Lease, OfRegistrationsWithoutASessionIsRenewedByTrafficOfTheirParty) {
  RouteTable table(small_limits(), {});
  const auto one = table.register_window(window(bearer_key(1), kAlice), kStart);
  ASSERT_TRUE(table.register_window(window(bearer_key(2), kAlice), kStart));
  ASSERT_TRUE(table.register_window(window(bearer_key(3), kBob), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(4), kAlice, session(1)), kStart));
  table.heard(one->id, kStart + 1min);
  table.expire(kStart + 2min);
  EXPECT_TRUE(table.find(bearer_key(1)).has_value());
  EXPECT_TRUE(table.find(bearer_key(2)).has_value());
  EXPECT_FALSE(table.find(bearer_key(3)).has_value());
  EXPECT_FALSE(table.find(proven_key(4)).has_value());
}

TEST(Lease, IsNotRenewedByASignOfLifeOfTheSlotsFormerRegistration) {
  RouteTable table(small_limits(), {});
  const auto old = table.register_window(window(proven_key(1), kAlice), kStart);
  table.release(proven_key(1));
  const auto fresh = table.register_window(window(proven_key(2), kBob), kStart);
  ASSERT_EQ(old->id.slot, fresh->id.slot);
  table.heard(old->id, kStart + 1min);
  table.expire(kStart + 2min);
  EXPECT_EQ(table.registrations(), 0u);
}

TEST(Lease, ExpiryWorksOffAnyNumberInBoundedPieces) {
  RouteTable table(small_limits(), {});
  for (std::uint32_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(table.register_window(with_range(window(proven_key(i), kAlice), 1, 1), kStart));
  }
  const TimePoint now = kStart + 2min;
  std::size_t calls = 0;
  for (; table.deadline() && *table.deadline() <= now; ++calls) {
    const std::size_t before = table.registrations();
    table.expire(now);
    ASSERT_LE(before - table.registrations(), 4u);
    ASSERT_LT(table.registrations(), before);
  }
  EXPECT_EQ(calls, 10u);
  EXPECT_EQ(table.registrations(), 0u);
}

}  // namespace
}  // namespace quicket::relay
