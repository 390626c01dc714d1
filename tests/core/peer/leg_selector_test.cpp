#include "core/peer/leg_selector.hpp"

#include <gtest/gtest.h>

#include <string>

namespace quicket {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPto = 100ms, kSilence = 300ms, kLong = 2s;

// Three legs that are open, at a side whose beginning is over and which has chosen the first.
class LegSelectorTest : public ::testing::Test {
 protected:
  LegSelector begin(quic::Role role) {
    LegSelector selector(role);
    for (LegSelector::Leg leg = 0; leg < 3; ++leg) {
      selector.add();
      selector.on_opened(leg);
    }
    selector.on_flight(false, kPto, now);
    return selector;
  }
  LegSelector chosen(quic::Role role) {
    LegSelector selector = begin(role);
    selector.on_arrival(0, true, false, now);
    selector.end_beginning(now);
    now += kLong;
    selector.on_deadline(now);
    return selector;
  }
  LegSelector dialer() { return chosen(quic::Role::kClient); }
  LegSelector accepter() { return chosen(quic::Role::kServer); }

  // legs gives the legs that are used now, as "012".
  std::string legs(const LegSelector& selector) const {
    std::string used;
    for (LegSelector::Leg leg = 0; leg < 3; ++leg) {
      if (selector.uses(leg, now)) used += std::to_string(leg);
    }
    return used;
  }
  static std::string owed(LegSelector& selector) {
    std::string legs;
    for (LegSelector::Leg leg = 0; leg < 3; ++leg) {
      if (selector.take_owed(leg)) legs += std::to_string(leg);
    }
    return legs;
  }
  // fall_silent lets the selector wait in vain for an acknowledgement of what is in flight.
  void fall_silent(LegSelector& selector) {
    selector.on_flight(true, kPto, now);
    now = selector.deadline().value();
    selector.on_deadline(now);
  }

  TimePoint now{1h};
};

TEST_F(LegSelectorTest, AtTheBeginningEverythingLeavesOnAllLegs) {
  const LegSelector selector = begin(quic::Role::kClient);
  EXPECT_EQ(legs(selector), "012");
  EXPECT_FALSE(selector.deadline());
}

TEST_F(LegSelectorTest, ALegThatIsNotOpenIsNeverUsed) {
  LegSelector selector = begin(quic::Role::kServer);
  selector.on_closed(1, now);
  EXPECT_EQ(legs(selector), "02");
}

TEST_F(LegSelectorTest, ALegThatOpensGetsWhatIsInFlight) {
  LegSelector selector(quic::Role::kServer);
  selector.add();
  selector.add();
  selector.on_opened(0);
  EXPECT_FALSE(selector.take_owed(0));
  selector.on_flight(true, kPto, now);
  selector.on_opened(1);
  EXPECT_TRUE(selector.take_owed(1));
  EXPECT_FALSE(selector.take_owed(1));
}

TEST_F(LegSelectorTest, TheDialerChoosesTheLegOfTheFirstCopyWhenTheBeginningIsOver) {
  LegSelector selector = begin(quic::Role::kClient);
  selector.on_arrival(1, true, true, now);
  selector.on_arrival(2, false, false, now);
  EXPECT_EQ(legs(selector), "012");
  selector.end_beginning(now);
  EXPECT_EQ(legs(selector), "1");
  EXPECT_EQ(selector.chosen(), 1u);
}

TEST_F(LegSelectorTest, TheAccepterWaitsForWhatIsStillOnItsWayOnAllLegs) {
  LegSelector selector = begin(quic::Role::kServer);
  selector.on_arrival(1, true, true, now);
  selector.end_beginning(now);
  selector.end_beginning(now + kPto / 2);
  EXPECT_EQ(selector.deadline(), now + kPto);
  selector.on_arrival(2, true, true, now);
  selector.on_arrival(1, false, false, now);
  EXPECT_EQ(legs(selector), "012");
  now += kPto;
  selector.on_deadline(now);
  EXPECT_EQ(legs(selector), "2");
}

TEST_F(LegSelectorTest, TheAccepterFollowsTheLatestAndAnswersCopiesForAWhile) {
  LegSelector selector = accepter();
  selector.on_arrival(1, true, false, now);
  EXPECT_EQ(legs(selector), "1");
  selector.on_arrival(2, false, false, now);
  EXPECT_EQ(legs(selector), "12");
  now += LegSelector::kCopyMemory;
  EXPECT_EQ(legs(selector), "1");
}

TEST_F(LegSelectorTest, ACopyElsewhereDoesNotMoveTheDialer) {
  LegSelector selector = dialer();
  selector.on_arrival(1, false, false, now);
  EXPECT_EQ(legs(selector), "0");
}

TEST_F(LegSelectorTest, TheLatestElsewhereMakesTheDialerDoubtItsLeg) {
  LegSelector selector = dialer();
  selector.on_arrival(1, true, false, now);
  EXPECT_EQ(legs(selector), "012");
  selector.on_arrival(0, true, true, now);
  EXPECT_EQ(legs(selector), "012");
  now += kPto;
  selector.on_arrival(2, true, true, now);
  EXPECT_EQ(legs(selector), "2");
}

TEST_F(LegSelectorTest, AStragglerDoesNotMakeTheDialerDoubtItsLeg) {
  LegSelector selector = dialer();
  fall_silent(selector);
  selector.on_arrival(1, true, true, now);
  ASSERT_EQ(legs(selector), "1");
  now += LegSelector::kCopyMemory;
  selector.on_arrival(2, true, false, now);
  EXPECT_EQ(legs(selector), "1");
}

TEST_F(LegSelectorTest, SilenceThoughSomethingIsInFlightIsTrouble) {
  LegSelector selector = dialer();
  EXPECT_FALSE(selector.deadline());
  selector.on_flight(true, kPto, now);
  EXPECT_EQ(selector.deadline(), now + kSilence);
  now += kSilence - 1ms;
  selector.on_deadline(now);
  EXPECT_EQ(legs(selector), "0");
  now += 1ms;
  selector.on_deadline(now);
  EXPECT_EQ(legs(selector), "012");
  EXPECT_EQ(owed(selector), "12");
}

TEST_F(LegSelectorTest, AnAcknowledgementPutsTheAlarmOff) {
  LegSelector selector = dialer();
  selector.on_flight(true, kPto, now);
  now += 200ms;
  selector.on_arrival(0, true, true, now);
  selector.on_flight(true, kPto, now);
  EXPECT_EQ(selector.deadline(), now + kSilence);
}

TEST_F(LegSelectorTest, WithOneLegThereIsNothingToBeDoneAboutSilence) {
  LegSelector selector(quic::Role::kClient);
  selector.add();
  selector.on_opened(0);
  selector.on_arrival(0, true, true, now);
  selector.end_beginning(now);
  selector.on_flight(true, kPto, now);
  EXPECT_FALSE(selector.deadline());
}

TEST_F(LegSelectorTest, TheDialerChoosesTheLegThatBringsTheFirstAcknowledgement) {
  LegSelector selector = dialer();
  fall_silent(selector);
  selector.on_arrival(1, true, false, now);  // from before, perhaps
  EXPECT_EQ(legs(selector), "012");
  selector.on_arrival(2, true, true, now);
  EXPECT_EQ(legs(selector), "2");
}

TEST_F(LegSelectorTest, ALegThatWasGivenUpIsNotChosenForAWhile) {
  LegSelector selector = dialer();
  fall_silent(selector);
  selector.on_arrival(0, true, true, now);
  EXPECT_EQ(legs(selector), "012");
  now += LegSelector::kSuspicion;
  selector.on_arrival(0, true, false, now);
  EXPECT_EQ(legs(selector), "0");
}

TEST_F(LegSelectorTest, AnAccepterInTroubleTriesTheOthersThenAll) {
  LegSelector selector = accepter();
  fall_silent(selector);
  EXPECT_EQ(legs(selector), "12");
  EXPECT_EQ(owed(selector), "12");
  fall_silent(selector);
  EXPECT_EQ(legs(selector), "012");
  EXPECT_EQ(owed(selector), "012");
  fall_silent(selector);
  EXPECT_EQ(legs(selector), "12");
  selector.on_arrival(1, true, true, now);
  now += kLong;
  EXPECT_EQ(legs(selector), "1");
}

TEST_F(LegSelectorTest, AnAccepterInTroubleWithOneLegKeepsIt) {
  LegSelector selector = accepter();
  fall_silent(selector);
  selector.on_closed(1, now);
  selector.on_closed(2, now);
  EXPECT_EQ(legs(selector), "0");
}

TEST_F(LegSelectorTest, ItIsTriedEverMoreRarelyButOftenEnough) {
  LegSelector selector = dialer();
  fall_silent(selector);
  Duration last = kSilence;
  for (int i = 0; i < 20; ++i) {
    const TimePoint before = now;
    fall_silent(selector);
    EXPECT_GE(now - before, last);
    last = now - before;
  }
  EXPECT_EQ(last, LegSelector::kLongestSilence);
}

TEST_F(LegSelectorTest, TheRoundTripsOfAnOutageDoNotMakeItPatient) {
  LegSelector selector = dialer();
  fall_silent(selector);
  selector.on_flight(true, 10s, now);
  EXPECT_LE(*selector.deadline() - now, LegSelector::kLongestSilence);
}

TEST_F(LegSelectorTest, TheRelaysWordThatItsLegIsGoneIsEnough) {
  for (const quic::Role role : {quic::Role::kClient, quic::Role::kServer}) {
    LegSelector selector = chosen(role);
    selector.on_flight(true, kPto, now);
    selector.on_interrupted(0, now);
    EXPECT_EQ(legs(selector), "012");
    EXPECT_EQ(owed(selector), "12");
    selector.on_arrival(1, true, false, now);
    now += kLong;
    EXPECT_EQ(legs(selector), "1");
  }
}

TEST_F(LegSelectorTest, AnotherLegsEndChangesNothing) {
  LegSelector selector = dialer();
  selector.on_interrupted(1, now);
  EXPECT_EQ(legs(selector), "0");
}

TEST_F(LegSelectorTest, ALegThatComesBackIsTriedAndTakenWhenItIsFaster) {
  LegSelector selector = dialer();
  selector.on_routed(2, now);
  EXPECT_EQ(legs(selector), "012");
  now += kPto;
  selector.on_arrival(2, true, true, now);
  EXPECT_EQ(legs(selector), "2");
}

TEST_F(LegSelectorTest, LegsBehindOneThatIsRemovedMoveUp) {
  LegSelector selector = dialer();
  fall_silent(selector);
  selector.on_arrival(2, true, true, now);
  selector.remove(1);
  EXPECT_EQ(selector.chosen(), 1u);
  EXPECT_TRUE(selector.uses(1, now));
  EXPECT_FALSE(selector.uses(0, now));
}

}  // namespace
}  // namespace quicket
