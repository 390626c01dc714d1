#include "transports/relay/lease_upkeep.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using namespace std::chrono_literals;
using Action = LeaseUpkeep::Action;
using State = LeaseUpkeep::State;

constexpr TimePoint kGranted{1h};

TEST(LeaseUpkeep, RefreshesAtHalfOfTheLease) {
  LeaseUpkeep lease(kGranted, {.lease = 2min});
  EXPECT_EQ(lease.deadline(), kGranted + 1min);
  EXPECT_EQ(lease.on_deadline(kGranted + 1min), Action::kRefresh);
  lease.on_question(250ms, kGranted + 1min);
  lease.on_grant(kGranted + 1min + 40ms);
  EXPECT_EQ(lease.state(), State::kHeld);
  EXPECT_EQ(lease.deadline(), kGranted + 2min + 40ms);
}

TEST(LeaseUpkeep, IsLostWhenAQuestionHasNoAnswerInItsPatience) {
  LeaseUpkeep lease(kGranted, {});
  lease.on_question(250ms, kGranted + 5s);
  EXPECT_EQ(lease.on_deadline(kGranted + 5s + 249ms), Action::kNothing);
  EXPECT_EQ(lease.on_deadline(kGranted + 5s + 250ms), Action::kRegisterAgain);
  EXPECT_EQ(lease.state(), State::kLost);
  EXPECT_EQ(lease.deadline(), std::nullopt);
}

TEST(LeaseUpkeep, DoesNotGrowPatientByASecondQuestion) {
  LeaseUpkeep lease(kGranted, {});
  lease.on_question(250ms, kGranted);
  lease.on_question(250ms, kGranted + 200ms);
  EXPECT_EQ(lease.on_deadline(kGranted + 250ms), Action::kRegisterAgain);
}

TEST(LeaseUpkeep, WaitsForTheAnswerToAQuestionThatHasArrived) {
  LeaseUpkeep lease(kGranted, {.lease = 2min});
  lease.on_question(250ms, kGranted);
  lease.on_arrival();
  EXPECT_EQ(lease.deadline(), std::nullopt);
  lease.on_grant(kGranted + 9s);
  EXPECT_EQ(lease.deadline(), kGranted + 9s + 1min);
}

TEST(LeaseUpkeep, IgnoresAnAnswerThatComesAfterTheLeaseWasGivenUp) {
  LeaseUpkeep lease(kGranted, {});
  lease.on_question(250ms, kGranted);
  lease.on_deadline(kGranted + 250ms);
  lease.on_grant(kGranted + 300ms);
  EXPECT_EQ(lease.state(), State::kLost);
}

TEST(LeaseUpkeep, KeepsItsRefreshPointWhenAChangeIsRefused) {
  LeaseUpkeep lease(kGranted, {.lease = 2min});
  lease.on_question(250ms, kGranted + 10s);
  lease.on_refusal(kGranted + 11s, kGranted + 2min);
  EXPECT_EQ(lease.deadline(), kGranted + 1min);
}

TEST(LeaseUpkeep, PutsARefusedRefreshOff) {
  LeaseUpkeep lease(kGranted, {.lease = 2min});
  lease.on_deadline(kGranted + 1min);
  lease.on_question(250ms, kGranted + 1min);
  lease.on_refusal(kGranted + 61s, kGranted + 70s);
  EXPECT_EQ(lease.deadline(), kGranted + 70s);
  EXPECT_EQ(lease.on_deadline(kGranted + 70s), Action::kRefresh);
}

TEST(LeaseUpkeep, DoesNothingBeforeItsDeadline) {
  LeaseUpkeep lease(kGranted, {});
  EXPECT_EQ(lease.on_deadline(kGranted + 59s), Action::kNothing);
  EXPECT_EQ(lease.state(), State::kHeld);
}

}  // namespace
}  // namespace quicket::transports
