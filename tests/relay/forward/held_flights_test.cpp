#include "relay/forward/held_flights.hpp"

#include "tests/relay/forward/packets.hpp"
#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

const Bytes kDatagram = short_packet(cid(0x11));

bool hold(HeldFlights& held, Slot to, TimePoint now = kStart, const Bytes& datagram = kDatagram) {
  return held.hold(to, kBob, quic::Ecn::kEct0, datagram, now);
}

TEST(HeldFlights, GivesBackWhatItHeldInOrder) {
  HeldFlights held;
  ASSERT_TRUE(held.hold(3, kBob, quic::Ecn::kEct0, short_packet(cid(0x11), 40), kStart));
  ASSERT_TRUE(held.hold(3, kMallory, quic::Ecn::kCe, short_packet(cid(0x12), 50), kStart));
  ASSERT_TRUE(hold(held, 4));
  const auto flights = held.take(3);
  ASSERT_EQ(flights.size(), 2u);
  EXPECT_EQ(flights[0].datagram, short_packet(cid(0x11), 40));
  EXPECT_EQ(flights[0].from, kBob);
  EXPECT_EQ(flights[0].ecn, quic::Ecn::kEct0);
  EXPECT_EQ(flights[1].from, kMallory);
  EXPECT_TRUE(held.take(3).empty());
  EXPECT_EQ(held.bytes(), kDatagram.size());
}

TEST(HeldFlights, HoldsAtMostEightOfASession) {
  HeldFlights held;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(hold(held, 3));
  EXPECT_FALSE(hold(held, 3));
  EXPECT_TRUE(hold(held, 4));
}

TEST(HeldFlights, DropsAfterTwoHundredMilliseconds) {
  HeldFlights held;
  hold(held, 3, kStart);
  hold(held, 3, kStart + 100ms);
  EXPECT_EQ(held.deadline(), kStart + 200ms);
  EXPECT_EQ(held.expire(kStart + 200ms - 1ns), 0u);
  EXPECT_EQ(held.expire(kStart + 200ms), 1u);
  EXPECT_EQ(held.take(3).size(), 1u);
  EXPECT_EQ(held.expire(kStart + 300ms), 0u);
  EXPECT_EQ(held.deadline(), std::nullopt);
  EXPECT_EQ(held.bytes(), 0u);
}

TEST(HeldFlights, BoundsAllBytesTogether) {
  HeldFlights held({.bytes = 3 * kDatagram.size()});
  for (Slot slot = 0; slot < 3; ++slot) EXPECT_TRUE(hold(held, slot));
  EXPECT_FALSE(hold(held, 3));
  held.take(0);
  EXPECT_TRUE(hold(held, 3));
}

TEST(HeldFlights, BoundsItsMemoryHoweverFastFlightsAreTaken) {
  HeldFlights held({.total = 100});
  int accepted = 0;
  for (int i = 0; i < 1000; ++i) {
    accepted += hold(held, 3) ? 1 : 0;
    held.take(3);
  }
  EXPECT_EQ(accepted, 100);
  held.expire(kStart + 200ms);
  EXPECT_TRUE(hold(held, 3, kStart + 200ms));
}

}  // namespace
}  // namespace quicket::relay
