#include "apps/quicket-relay/watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicket::relayd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RelayWatch, HasNoWorriesWhenAllIsWell) {
  relay::RelaySnapshot before, now;
  now.registrations = 5;
  now.forwarded.forwarded = 1'000;
  EXPECT_THAT(worries(before, now), IsEmpty());
}

TEST(RelayWatch, TellsOnceThatTheRelayIsFull) {
  relay::RelaySnapshot before, now;
  now.table.refused[static_cast<std::size_t>(relay::Refusal::kFull)] = 3;
  EXPECT_THAT(worries(before, now), ElementsAre(HasSubstr("3 registrations refused: the relay is full")));
  EXPECT_THAT(worries(now, now), IsEmpty());
}

TEST(RelayWatch, TellsOfLostPackets) {
  relay::RelaySnapshot before, now;
  before.udp.dropped_full = 5;
  now.udp.dropped_full = 6;
  EXPECT_THAT(worries(before, now), ElementsAre(HasSubstr("1 packet dropped")));
}

TEST(RelayWatch, SumsUpWhatHappenedSince) {
  relay::RelaySnapshot before, now;
  before.forwarded.forwarded = 10;
  now.forwarded.forwarded = 12;
  now.forwarded.forwarded_bytes = 2'400;
  now.registrations = 2;
  now.sessions = 1;
  EXPECT_EQ(summary(before, now), "2 registrations, 1 session, 0 HTTP/3 connections; forwarded 2 packets, 2400 bytes");
}

}  // namespace
}  // namespace quicket::relayd
