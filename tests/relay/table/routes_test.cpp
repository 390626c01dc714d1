#include "relay/table/routes.hpp"

#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <set>

namespace quicket::relay {
namespace {

Route open_route(Slot slot, const Address& remote) {
  return {.id = {slot, 1}, .target = from(remote), .gate = Gate::kOpen};
}

std::set<Slot> open_slots(const Routes& routes, const Address& remote) {
  std::set<Slot> slots;
  for (const Route* route = routes.open_route_to(remote); route != nullptr; route = routes.next_open_route(*route)) {
    slots.insert(route->id.slot);
  }
  return slots;
}

TEST(Routes, FindsARouteByItsConnectionIdUntilThatIsRemoved) {
  Routes routes(16, 4);
  const ConnectionId id = id_of(proven_key(1), 1);
  routes.apply(RouteSet{open_route(2, kAlice)});
  routes.apply(IdAdded{id, 2});
  ASSERT_NE(routes.find(id), nullptr);
  EXPECT_EQ(routes.find(id)->target, from(kAlice));
  routes.apply(IdRemoved{id});
  EXPECT_EQ(routes.find(id), nullptr);
  EXPECT_EQ(routes.size(), 0u);
}

TEST(Routes, KnowsWhoHoldsARegistration) {
  Routes routes(16, 4);
  routes.apply(RouteSet{open_route(0, kAlice)});
  routes.apply(RouteSet{open_route(1, kAlice)});
  EXPECT_TRUE(routes.holds_registration(kAlice));
  EXPECT_FALSE(routes.holds_registration(kBob));
  routes.apply(RouteGone{0});
  EXPECT_TRUE(routes.holds_registration(kAlice));
  routes.apply(RouteSet{open_route(1, kBob)});  // moved
  EXPECT_FALSE(routes.holds_registration(kAlice));
  EXPECT_TRUE(routes.holds_registration(kBob));
  routes.apply(RouteGone{1});
  EXPECT_FALSE(routes.holds_registration(kBob));
}

TEST(Routes, ListsTheOpenRoutesOfAPartyWhicheverIsRemoved) {
  for (Slot removed = 0; removed < 3; ++removed) {
    Routes routes(16, 8);
    for (Slot slot = 0; slot < 3; ++slot) routes.apply(RouteSet{open_route(slot, kAlice)});
    Route guarded = open_route(3, kAlice);
    guarded.gate = Gate::kWaiting;
    routes.apply(RouteSet{guarded});
    EXPECT_EQ(open_slots(routes, kAlice), (std::set<Slot>{0, 1, 2}));
    routes.apply(RouteGone{removed});
    std::set<Slot> left{0, 1, 2};
    left.erase(removed);
    EXPECT_EQ(open_slots(routes, kAlice), left);
  }
}

}  // namespace
}  // namespace quicket::relay
