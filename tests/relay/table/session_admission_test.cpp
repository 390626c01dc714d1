#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

const Route& route_of(const RouteTable& table, const RegistrationKey& key) {
  return *table.routes().find(id_of(key, 1));
}

TEST(RouteTable, LetsOnlyTheOtherPartyOfASessionIn) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  EXPECT_EQ(route_of(table, proven_key(1)).gate, Gate::kWaiting);
  const auto bob = table.register_window(window(proven_key(2), kBob, session(1)), kStart);
  ASSERT_TRUE(bob);
  EXPECT_EQ(route_of(table, proven_key(1)).gate, Gate::kPartner);
  EXPECT_EQ(route_of(table, proven_key(1)).partner, kBob);
  EXPECT_EQ(route_of(table, proven_key(1)).partner_id, bob->id);
  EXPECT_EQ(route_of(table, proven_key(2)).partner, kAlice);
}

TEST(RouteTable, RefusesAThirdKeyInASession) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(1)), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(3), kMallory, session(1)), kStart)),
            Refusal::kAnsweredElsewhere);
  EXPECT_EQ(refusal(table.register_window(window(bearer_key(3), kAlice, session(1)), kStart)),
            Refusal::kAnsweredElsewhere);
  EXPECT_EQ(route_of(table, proven_key(1)).partner, kBob);
}

TEST(RouteTable, KeepsAPlaceForAPartyWhoseLeaseEnded) {
  RouteTable table(small_limits(), {});
  const auto alice = window(proven_key(1), kAlice, session(1));
  const auto bob = window(proven_key(2), kBob, session(1));
  ASSERT_TRUE(table.register_window(alice, kStart));
  ASSERT_TRUE(table.register_window(bob, kStart));
  ASSERT_TRUE(table.register_window(alice, kStart + 1min));
  table.expire(kStart + 2min);
  EXPECT_EQ(route_of(table, proven_key(1)).gate, Gate::kWaiting);
  EXPECT_EQ(refusal(table.register_window(window(proven_key(3), kMallory, session(1)), kStart + 2min)),
            Refusal::kAnsweredElsewhere);
  EXPECT_TRUE(table.register_window(bob, kStart + 2min));
  EXPECT_EQ(route_of(table, proven_key(1)).partner, kBob);
}

TEST(RouteTable, EndsASessionWithItsLastRegistration) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(1)), kStart));
  table.release(proven_key(1));
  EXPECT_EQ(table.sessions(), 1u);
  table.release(proven_key(2));
  EXPECT_EQ(table.sessions(), 0u);
}

TEST(RouteTable, AdmitsAPartyFromItsNewAddressOnceItMoved) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(1)), kStart));
  const Address away = address("198.51.100.9:9");
  ASSERT_TRUE(table.move(proven_key(2), 0, from(away), quota_address(away)));
  EXPECT_EQ(route_of(table, proven_key(1)).partner, away);
}

TEST(RouteTable, TakesAKeyIntoOneSessionOnly) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  EXPECT_EQ(refusal(table.register_window(window(proven_key(1), kAlice, session(2)), kStart)), Refusal::kOtherSession);
  EXPECT_EQ(refusal(table.register_window(window(proven_key(1), kAlice), kStart)), Refusal::kOtherSession);
  EXPECT_EQ(table.sessions(), 1u);
}

TEST(RouteTable, KeepsSessionsApart) {
  RouteTable table(small_limits(), {});
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(2)), kStart));
  EXPECT_EQ(route_of(table, proven_key(1)).gate, Gate::kWaiting);
  EXPECT_EQ(route_of(table, proven_key(2)).gate, Gate::kWaiting);
}

}  // namespace
}  // namespace quicket::relay
