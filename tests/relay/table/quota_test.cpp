#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace quicket::relay {
namespace {

Address client(std::uint32_t number) {
  return address("10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256) + ":7");
}

TEST(RouteTable, BoundsTheRegistrationsOfOneAddressAndSaysWhenToTryAgain) {
  Limits limits = small_limits();
  limits.registrations_per_address = 3;
  RouteTable table(limits, {});
  for (std::uint32_t i = 0; i < 3; ++i)
    ASSERT_TRUE(table.register_window(window(proven_key(i), kAlice.with_port(100)), kStart));
  const auto refused = table.register_window(window(proven_key(3), kAlice.with_port(200)), kStart);
  EXPECT_EQ(refusal(refused), Refusal::kOverQuota);
  EXPECT_EQ(refused.error().retry_after, 30s);
  EXPECT_TRUE(table.register_window(window(proven_key(3), kBob), kStart));
  EXPECT_TRUE(table.register_window(window(proven_key(0), kAlice.with_port(100)), kStart));  // a refresh needs no room
  table.release(proven_key(1));
  EXPECT_TRUE(table.register_window(window(proven_key(4), kAlice), kStart));
}

TEST(RouteTable, BoundsTheConnectionIdsOfOneAddress) {
  Limits limits = small_limits();
  limits.ids_per_address = 100;
  RouteTable table(limits, {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(2), kAlice), kStart)), Refusal::kOverQuota);
  EXPECT_EQ(refusal(table.register_window(with_range(window(proven_key(1), kAlice), 1, 101), kStart)),
            Refusal::kOverQuota);
  EXPECT_TRUE(table.register_window(with_range(window(proven_key(1), kAlice), 1, 100), kStart));
}

TEST(RouteTable, CountsAllHostsOfAnIpv6SiteAsOneClient) {
  Limits limits = small_limits();
  limits.registrations_per_address = 1;
  RouteTable table(limits, {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), address("[2001:db8::1]:1")), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(2), address("[2001:db8::2]:1")), kStart)),
            Refusal::kOverQuota);
  EXPECT_TRUE(table.register_window(window(proven_key(2), address("[2001:db8:0:1::2]:1")), kStart));
}

TEST(RouteTable, ChargesARegistrationThatMovesToItsNewAddress) {
  Limits limits = small_limits();
  limits.registrations_per_address = 1;
  RouteTable table(limits, {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(2), kAlice), kStart)), Refusal::kOverQuota);
  EXPECT_FALSE(table.move(proven_key(2), 0, from(kAlice), quota_address(kAlice)));
  EXPECT_EQ(table.find(proven_key(2))->target, from(kBob));
  ASSERT_TRUE(table.register_window(window(proven_key(1), kMallory), kStart));
  EXPECT_TRUE(table.register_window(window(proven_key(2), kAlice), kStart));
}

TEST(RouteTable, BoundsAllRegistrationsTogether) {
  Limits limits = small_limits();
  limits.registrations = 5;
  RouteTable table(limits, {});
  for (std::uint32_t i = 0; i < 5; ++i) ASSERT_TRUE(table.register_window(window(proven_key(i), client(i)), kStart));
  const auto refused = table.register_window(window(proven_key(5), client(5)), kStart);
  EXPECT_EQ(refusal(refused), Refusal::kFull);
  EXPECT_GT(refused.error().retry_after, 0s);
}

TEST(RouteTable, BoundsAllConnectionIdsTogether) {
  Limits limits = small_limits();
  limits.ids = 100;
  RouteTable table(limits, {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(2), kBob), kStart)), Refusal::kFull);
}

// One address opens sessions that nobody answers, many addresses do: honest peers that are there go on.
TEST(RouteTable, BoundsHalfOpenSessionsAndKeepsServingThoseThatItHas) {
  Limits limits = small_limits();
  limits.sessions = 10;
  RouteTable table(limits, {});
  const auto alice = window(proven_key(1000), kAlice, session(1000));
  ASSERT_TRUE(table.register_window(alice, kStart));
  for (std::uint32_t i = 0; i < 500; ++i) {
    table.register_window(with_range(window(proven_key(i), client(i), session(i)), 1, 1), kStart);
    ASSERT_LE(table.sessions(), 10u);
  }
  EXPECT_EQ(table.sessions(), 10u);
  EXPECT_EQ(table.counters().refused[static_cast<std::size_t>(Refusal::kFull)], 491u);
  EXPECT_TRUE(table.register_window(alice, kStart + 1min));
  EXPECT_TRUE(table.register_window(window(proven_key(1001), kBob, session(1000)), kStart + 1min));  // no new session
  EXPECT_EQ(table.routes().find(id_of(proven_key(1000), 1))->gate, Gate::kPartner);
}

TEST(RouteTable, HeedsALowerBoundFromNowOnAndTakesNothingAway) {
  Limits limits = small_limits();
  RouteTable table(limits, {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kAlice), kStart));
  limits.registrations_per_address = 1;
  table.set_limits(limits);
  EXPECT_EQ(table.registrations(), 2u);
  EXPECT_EQ(refusal(table.register_window(window(proven_key(3), kAlice), kStart)), Refusal::kOverQuota);
  EXPECT_TRUE(table.register_window(window(proven_key(3), kBob), kStart));
  EXPECT_TRUE(table.register_window(window(proven_key(2), kAlice), kStart));  // a refresh
}

// Without fair_share() 40 of them would do.
TEST(RouteTable, LeavesRoomForNewcomersThoughManyTakeAllThatTheyMay) {
  constexpr std::uint32_t kGreedy = 250;
  Limits limits = small_limits();
  limits.registrations = limits.sessions = 2'000;
  limits.ids = 1'000'000;
  limits.registrations_per_address = 50;
  RouteTable table(limits, {});
  std::uint32_t key = 0;
  const auto take = [&](std::uint32_t from, std::uint32_t most) {
    std::uint32_t taken = 0;
    while (taken < most && table.register_window(with_range(window(proven_key(key++), client(from)), 1, 1), kStart))
      ++taken;
    return taken;
  };
  EXPECT_EQ(take(0, 100), 50u);  // while there is room for all
  for (std::uint32_t i = 1; i < kGreedy; ++i) take(i, 100);
  EXPECT_EQ(take(kGreedy, 1), 1u);
  EXPECT_TRUE(table.register_window(with_range(window(proven_key(0), client(0)), 1, 1), kStart));
}

TEST(RouteTable, KeepsTheTotalsForWhichItMadeRoom) {
  Limits limits = small_limits();
  RouteTable table(limits, {});
  limits.registrations *= 2;
  limits.ids *= 2;
  table.set_limits(limits);
  EXPECT_EQ(table.limits().registrations, small_limits().registrations);
  EXPECT_EQ(table.limits().ids, small_limits().ids);
}

TEST(Quota, ForgetsClientsThatHoldNothing) {
  Quota quota;
  const Share most{.registrations = 2, .ids = 10};
  quota.add(kAlice, {.registrations = 1, .ids = 4});
  EXPECT_TRUE(quota.fits(kAlice, {.registrations = 1, .ids = 6}, most));
  EXPECT_FALSE(quota.fits(kAlice, {.registrations = 1, .ids = 7}, most));
  EXPECT_FALSE(quota.fits(kAlice, {.registrations = 2, .ids = 0}, most));
  quota.remove(kAlice, {.registrations = 0, .ids = 4});
  EXPECT_EQ(quota.clients(), 1u);
  quota.remove(kAlice, {.registrations = 1, .ids = 0});
  EXPECT_EQ(quota.clients(), 0u);
}

}  // namespace
}  // namespace quicket::relay
