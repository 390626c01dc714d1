#include "relay/forward/decide.hpp"

#include "tests/relay/forward/fixtures.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket::relay {
namespace {

TEST(Decide, AgreesWithEveryFixture) {
  RouteTable table(small_limits(), {});
  const FixtureWorld world(table);
  ASSERT_EQ(table.registrations(), 5u);
  for (const Fixture& fixture : fixtures()) {
    SCOPED_TRACE(fixture.name);
    const Verdict verdict = decide(table.routes(), fixture.datagram, fixture.from);
    EXPECT_EQ(verdict.kind, fixture.kind);
    if (fixture.kind == Verdict::Kind::kDrop) {
      EXPECT_EQ(verdict.reason, fixture.reason);
    }
    ASSERT_EQ(verdict.route != nullptr, fixture.to.has_value());
    if (fixture.to) {
      EXPECT_EQ(verdict.route->id, table.find(*fixture.to)->id);
    }
    ASSERT_EQ(verdict.heard.has_value(), fixture.heard.has_value());
    if (fixture.heard) {
      EXPECT_EQ(*verdict.heard, table.find(*fixture.heard)->id);
    }
  }
}

// expect_sound checks, straight from the bytes, what must hold of any verdict.
void expect_sound(const RouteTable& table, ByteView datagram, const Address& from, const Verdict& verdict) {
  const bool is_long = !datagram.empty() && (datagram[0] & std::byte{0x80}) != std::byte{0};
  if (verdict.kind != Verdict::Kind::kDrop) {
    ASSERT_GE(datagram.size(), 33u);
    ASSERT_NE(datagram[0] & std::byte{0x40}, std::byte{0});
  }
  if (verdict.route != nullptr) {
    ASSERT_NE(verdict.route->target.remote, from);
    const auto id = ConnectionId::from(is_long ? datagram.subspan(6, std::to_integer<std::size_t>(datagram[5]))
                                               : datagram.subspan(1, 12));
    ASSERT_EQ(table.routes().find(id.value()), verdict.route);
    ASSERT_TRUE(verdict.kind != Verdict::Kind::kForward || verdict.route->gate != Gate::kPartner ||
                verdict.route->partner == from);
  }
  if (verdict.kind == Verdict::Kind::kHttp3 && !is_long) {
    ASSERT_NE(datagram[1] & std::byte{0x80}, std::byte{0});
  }
  if (verdict.heard) {
    const Address heard = table.routes().at(verdict.heard->slot)->target.remote;
    ASSERT_EQ(heard, from);
  }
}

TEST(Decide, StaysSoundOnDamagedAndRandomDatagrams) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };

  RouteTable table(small_limits(), {});
  const FixtureWorld world(table);
  const std::vector<Fixture> seeds = fixtures();
  std::array<std::size_t, 4> kinds{};
  for (int round = 0; round < 50'000; ++round) {
    Bytes datagram = seeds[pick(seeds.size())].datagram;
    if (datagram.size() > 1500 || pick(4) == 0) datagram = filled({std::byte(pick(256))}, 1 + pick(64));
    for (std::size_t flips = pick(4); flips > 0 && !datagram.empty(); --flips) {
      datagram[pick(std::min<std::size_t>(datagram.size(), 40))] = std::byte(pick(256));
    }
    if (pick(4) == 0) datagram.resize(pick(datagram.size() + 1));
    const Address from = seeds[pick(seeds.size())].from;
    const Verdict verdict = decide(table.routes(), datagram, from);
    ASSERT_NO_FATAL_FAILURE(expect_sound(table, datagram, from, verdict)) << "round " << round;
    ++kinds[static_cast<std::size_t>(verdict.kind)];
  }
  for (const std::size_t count : kinds) EXPECT_GT(count, 100u);  // each was reached
}

}  // namespace
}  // namespace quicket::relay
