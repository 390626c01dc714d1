#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(RouteTable, RoutesEveryConnectionIdOfAGrantedWindowAndNoOther) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  const auto grant = table.register_window(window(key, kAlice), kStart);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->first, 1u);
  EXPECT_EQ(grant->num, 64u);
  EXPECT_EQ(grant->lease, 2min);
  for (std::uint32_t counter = 1; counter <= 64; ++counter) {
    const Route* route = table.routes().find(id_of(key, counter));
    ASSERT_NE(route, nullptr) << counter;
    EXPECT_EQ(route->target, from(kAlice));
  }
  EXPECT_EQ(table.routes().find(id_of(key, 65)), nullptr);
  EXPECT_EQ(table.routes().size(), 64u);
}

TEST(RouteTable, CutsAWindowToItsLimitHoweverLargeTheRequest) {
  RouteTable table(small_limits(), {});
  const auto grant = table.register_window(with_range(window(proven_key(1), kAlice), 1, 0xffffffff), kStart);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->num, 256u);
  EXPECT_EQ(table.routes().size(), 256u);
}

TEST(RouteTable, EndsAWindowAtTheLastCounter) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  const auto grant = table.register_window(with_range(window(key, kAlice), 0xffffffff, 64), kStart);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->num, 1u);
  EXPECT_NE(table.routes().find(id_of(key, 0xffffffff)), nullptr);
}

TEST(RouteTable, GrantsBearerKeysAFullWindowSinceTheirHoldersNeverExtend) {
  RouteTable table(small_limits(), {});
  const auto grant = table.register_window(with_range(window(bearer_key(1), kAlice), 1, 10), kStart);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->num, 256u);
}

TEST(RouteTable, RefusesAnEmptyWindow) {
  RouteTable table(small_limits(), {});
  EXPECT_EQ(refusal(table.register_window(with_range(window(proven_key(1), kAlice), 0, 64), kStart)),
            Refusal::kBadWindow);
  EXPECT_EQ(refusal(table.register_window(with_range(window(proven_key(1), kAlice), 1, 0), kStart)),
            Refusal::kBadWindow);
  EXPECT_EQ(table.registrations(), 0u);
}

TEST(RouteTable, RefusesAProvableKeyWithoutProof) {
  RouteTable table(small_limits(), {});
  auto request = window(proven_key(1), kMallory);
  request.proven = false;
  EXPECT_EQ(refusal(table.register_window(request, kStart)), Refusal::kNotProven);
}

TEST(RouteTable, RefreshesWithoutTouchingARoute) {
  std::size_t changes = 0;
  RouteTable table(small_limits(), [&](const RouteChange&) { ++changes; });
  const auto request = window(proven_key(1), kAlice);
  const auto first = table.register_window(request, kStart);
  const std::size_t before = changes;
  const auto again = table.register_window(request, kStart + 1min);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->id, again->id);
  EXPECT_EQ(changes, before);
  EXPECT_EQ(table.counters().refreshed, 1u);
}

TEST(RouteTable, ExtendsAWindow) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice), kStart));
  ASSERT_TRUE(table.register_window(with_range(window(key, kAlice), 1, 128), kStart + 1s));
  EXPECT_EQ(table.routes().size(), 128u);
  EXPECT_NE(table.routes().find(id_of(key, 128)), nullptr);
}

TEST(RouteTable, FreesTheConnectionIdsBelowASlidWindowTenSecondsLater) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice), kStart));
  ASSERT_TRUE(table.register_window(with_range(window(key, kAlice), 33, 64), kStart + 1s));
  EXPECT_EQ(table.deadline(), kStart + 11s);
  table.expire(kStart + 11s - 1ns);
  EXPECT_NE(table.routes().find(id_of(key, 32)), nullptr);
  table.expire(kStart + 11s);
  EXPECT_EQ(table.routes().find(id_of(key, 1)), nullptr);
  EXPECT_EQ(table.routes().find(id_of(key, 32)), nullptr);
  EXPECT_NE(table.routes().find(id_of(key, 33)), nullptr);
  EXPECT_NE(table.routes().find(id_of(key, 96)), nullptr);
  EXPECT_EQ(table.routes().size(), 64u);
}

TEST(RouteTable, HoldsBoundedConnectionIdsHoweverFastAWindowSlides) {
  RouteTable table(small_limits(), {});
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(table.register_window(with_range(window(proven_key(1), kAlice), 1 + i * 256, 256), kStart + i * 1ms));
    ASSERT_LE(table.routes().size(), 512u);
  }
}

// The schedule of this test gives two keys the same connection ID, as no attacker can.
TEST(RouteTable, RefusesACidHeldByAnotherAndThenChangesNothing) {
  const auto derive = [](const RegistrationKey& key, CounterRange range) {
    std::vector<ConnectionId> ids = derive_ids(key, range);
    for (std::uint64_t counter = range.begin; counter < range.end; ++counter) {
      if (counter == 7) ids[counter - range.begin] = id_of(proven_key(99), 7);
    }
    return ids;
  };
  std::size_t changes = 0;
  RouteTable table(
      small_limits(), [&](const RouteChange&) { ++changes; }, derive);
  ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice), kStart));
  ASSERT_TRUE(table.register_window(with_range(window(proven_key(2), kBob), 8, 64), kStart));
  const std::size_t before = changes;

  EXPECT_EQ(refusal(table.register_window(window(proven_key(3), kMallory), kStart)), Refusal::kConflict);
  EXPECT_EQ(refusal(table.register_window(window(proven_key(2), kMallory), kStart)),
            Refusal::kConflict);  // nor does it move
  EXPECT_EQ(changes, before);
  EXPECT_EQ(table.registrations(), 2u);
  EXPECT_EQ(table.routes().find(id_of(proven_key(99), 7))->target, from(kAlice));
  EXPECT_EQ(table.find(proven_key(2))->target, from(kBob));
  EXPECT_FALSE(table.routes().holds_registration(kMallory));
}

TEST(RouteTable, FollowsAProvenKeyToANewAddress) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice), kStart));
  ASSERT_TRUE(table.register_window(window(key, address("198.51.100.9:9")), kStart + 1s));
  EXPECT_EQ(table.routes().find(id_of(key, 1))->target, from(address("198.51.100.9:9")));
  EXPECT_FALSE(table.routes().holds_registration(kAlice));
  EXPECT_EQ(table.registrations(), 1u);
  EXPECT_EQ(table.counters().moved, 1u);
}

TEST(RouteTable, NeverMovesABearerKey) {
  RouteTable table(small_limits(), {});
  const auto key = bearer_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice), kStart));
  EXPECT_EQ(refusal(table.register_window(window(key, kMallory), kStart + 1s)), Refusal::kBearerFromElsewhere);
  EXPECT_FALSE(table.move(key, 0, from(kMallory), quota_address(kMallory)));
  EXPECT_EQ(table.routes().find(id_of(key, 1))->target, from(kAlice));
}

TEST(RouteTable, GivesABearerKeyToAnotherAddressOnceItsLeaseEnded) {
  RouteTable table(small_limits(), {});
  const auto key = bearer_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice), kStart));
  table.expire(kStart + 2min);
  EXPECT_TRUE(table.register_window(window(key, kBob), kStart + 2min));
}

TEST(RouteTable, MovesWhatItsConnectionRegisteredLastAndNothingElse) {
  RouteTable table(small_limits(), {});
  const Address away = address("198.51.100.9:9");
  auto request = window(proven_key(1), kAlice);
  request.connection = 7;
  ASSERT_TRUE(table.register_window(request, kStart));
  EXPECT_FALSE(table.move(proven_key(1), 6, from(away), quota_address(away)));
  EXPECT_FALSE(table.move(proven_key(2), 7, from(away), quota_address(away)));
  EXPECT_EQ(table.find(proven_key(1))->target, from(kAlice));
  EXPECT_TRUE(table.move(proven_key(1), 7, from(away), quota_address(away)));
  EXPECT_EQ(table.find(proven_key(1))->target, from(away));
}

TEST(RouteTable, RoutesToNoAddressThatIsSpecial) {
  RouteTable table(small_limits(), {});
  const Address loopback = address("127.0.0.1:80");
  EXPECT_EQ(refusal(table.register_window(window(proven_key(1), loopback), kStart)), Refusal::kUnroutable);
  ASSERT_TRUE(table.register_window(window(proven_key(2), kAlice), kStart));
  EXPECT_FALSE(table.move(proven_key(2), 0, from(loopback), quota_address(loopback)));

  Limits limits = small_limits();
  limits.allow_special = true;
  RouteTable lenient(limits, {});
  EXPECT_TRUE(lenient.register_window(window(proven_key(1), loopback), kStart));
}

TEST(RouteTable, ReleasesAtOnce) {
  RouteTable table(small_limits(), {});
  const auto key = proven_key(1);
  ASSERT_TRUE(table.register_window(window(key, kAlice, session(1)), kStart));
  EXPECT_TRUE(table.release(key));
  EXPECT_FALSE(table.release(key));
  EXPECT_EQ(table.routes().size(), 0u);
  EXPECT_EQ(table.registrations(), 0u);
  EXPECT_EQ(table.sessions(), 0u);
  EXPECT_EQ(table.deadline(), std::nullopt);
  EXPECT_FALSE(table.routes().holds_registration(kAlice));
}

}  // namespace
}  // namespace quicket::relay
