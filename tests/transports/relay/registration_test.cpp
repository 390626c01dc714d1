#include "transports/relay/registration.hpp"

#include "quicket/v1/problem.pb.h"
#include "quicket/v1/registration.pb.h"
#include "tests/transports/relay/sample.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using namespace test;
using Verdict = RelayRegistration::Verdict;
using Kind = RelayRegistration::Question::Kind;

constexpr TimePoint kNow{1h};
constexpr Duration kPatience = 250ms;

HttpResponse grant(const IdWindow& window, std::uint16_t port = 1000) {
  v1::RegisterResponse message;
  message.mutable_observed()->set_ip(std::string("\xc6\x33\x64\x01", 4));
  message.mutable_observed()->set_port(port);
  message.set_lease_seconds(120);
  message.set_first(window.first);
  message.set_num(window.num);
  return {.status = 200, .headers = {}, .body = to_bytes(as_bytes(message.SerializeAsString()))};
}

HttpResponse refusal(int status, std::vector<HttpHeader> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = {}};
}

struct RelayRegistrationTest : testing::Test {
  RelayRegistration held{registration(1), {}};

  void get_granted(const IdWindow& window = {1, 64}) {
    held.ask(kPatience, kNow);
    ASSERT_EQ(held.on_answer(grant(window), "r", kNow), Verdict::kGranted);
  }
  // pauses are those before it asks again, where every question is refused for now.
  std::vector<Duration> pauses(const std::vector<HttpHeader>& headers, int count) {
    std::vector<Duration> all;
    for (TimePoint now = kNow; count-- > 0; now += all.back()) {
      held.ask(kPatience, now);
      EXPECT_EQ(held.on_answer(refusal(503, headers), "r", now), Verdict::kRefused);
      all.push_back(*held.deadline() - now);
      held.on_deadline(*held.deadline());
    }
    return all;
  }
};

TEST_F(RelayRegistrationTest, AsksForItsWindowWithAProofFirst) {
  ASSERT_TRUE(held.wants_to_ask(kNow));
  const auto question = held.ask(kPatience, kNow);
  EXPECT_EQ(question.kind, Kind::kRegister);
  EXPECT_EQ(question.window, (IdWindow{1, 64}));
  EXPECT_TRUE(question.with_proof);
  EXPECT_TRUE(held.is_opened());
  EXPECT_FALSE(held.wants_to_ask(kNow));
}

TEST_F(RelayRegistrationTest, ProvesItsKeyOncePerConnection) {
  get_granted();
  held.change(registration(1, 1, 96));
  EXPECT_FALSE(held.ask(kPatience, kNow).with_proof);
  held.on_connection_lost();
  EXPECT_TRUE(held.ask(kPatience, kNow).with_proof);
}

TEST_F(RelayRegistrationTest, ProvesItsKeyAgainWhenTheRelayForgotIt) {
  get_granted();
  held.request_check();
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.on_answer(refusal(403), "r", kNow), Verdict::kNothing);
  ASSERT_TRUE(held.wants_to_ask(kNow));
  EXPECT_TRUE(held.ask(kPatience, kNow).with_proof);
  EXPECT_EQ(held.on_answer(refusal(403), "r", kNow), Verdict::kOver);
}

TEST_F(RelayRegistrationTest, AsksOnceForAllChangesThatCameMeanwhile) {
  held.ask(kPatience, kNow);
  held.change(registration(1, 9, 64));
  held.change(registration(1, 17, 64));
  EXPECT_FALSE(held.wants_to_ask(kNow));
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow), Verdict::kGranted);
  ASSERT_TRUE(held.wants_to_ask(kNow));
  EXPECT_EQ(held.ask(kPatience, kNow).window, (IdWindow{17, 64}));
}

TEST_F(RelayRegistrationTest, IsContentWithLessThanItAskedFor) {
  get_granted({1, 32});
  EXPECT_FALSE(held.wants_to_ask(kNow));
}

TEST_F(RelayRegistrationTest, ReportsARefreshOnlyWhenSomethingChanged) {
  get_granted();
  held.request_check();
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow), Verdict::kNothing);
  held.request_check();
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.on_answer(grant({1, 64}, 2000), "r", kNow), Verdict::kGranted);  // seen elsewhere
}

TEST_F(RelayRegistrationTest, RefreshesAtHalfOfTheLease) {
  get_granted();
  EXPECT_EQ(held.deadline(), kNow + 1min);
  EXPECT_EQ(held.on_deadline(kNow + 1min), LeaseUpkeep::Action::kRefresh);
  ASSERT_TRUE(held.wants_to_ask(kNow + 1min));
  EXPECT_EQ(held.ask(kPatience, kNow + 1min).window, (IdWindow{1, 64}));
}

TEST_F(RelayRegistrationTest, GivesUpAQuestionWithoutASignOfLife) {
  get_granted();
  held.request_check();
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.deadline(), kNow + kPatience);
  EXPECT_EQ(held.on_deadline(kNow + kPatience), LeaseUpkeep::Action::kRegisterAgain);
}

TEST_F(RelayRegistrationTest, WaitsAsLongAsTheRelayAsks) {
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.on_answer(refusal(429, {{"retry-after", "30"}}), "r", kNow), Verdict::kRefused);
  EXPECT_EQ(held.why().code, make_error_code(Errc::kRelayOverQuota));
  EXPECT_FALSE(held.wants_to_ask(kNow + 29s));
  EXPECT_EQ(held.deadline(), kNow + 30s);
  held.on_deadline(kNow + 30s);
  EXPECT_TRUE(held.wants_to_ask(kNow + 30s));
}

TEST_F(RelayRegistrationTest, BoundsHowLongARelayCanMakeItWait) {
  EXPECT_EQ(pauses({{"retry-after", "4000000000"}}, 2), (std::vector<Duration>{2min, 2min}));
}

TEST_F(RelayRegistrationTest, WaitsTwiceAsLongAfterEachRefusalInARow) {
  EXPECT_EQ(pauses({}, 7), (std::vector<Duration>{5s, 10s, 20s, 40s, 80s, 120s, 120s}));
}

TEST_F(RelayRegistrationTest, DoesNotHammerARelayThatAsksForIt) {
  EXPECT_EQ(pauses({{"retry-after", "0"}}, 8), (std::vector<Duration>{1s, 2s, 4s, 8s, 16s, 32s, 64s, 120s}));
}

TEST_F(RelayRegistrationTest, StartsAnewWithShortPausesOnceSomethingWasGranted) {
  pauses({}, 7);
  get_granted();
  held.request_check();
  EXPECT_EQ(pauses({}, 1), (std::vector<Duration>{5s}));
}

TEST_F(RelayRegistrationTest, KeepsWhatItHasAliveWhileMoreIsRefused) {
  get_granted();
  held.change(registration(1, 1, 128));
  held.ask(kPatience, kNow + 50s);
  EXPECT_EQ(held.on_answer(refusal(429, {{"retry-after", "60"}}), "r", kNow + 50s), Verdict::kRefused);
  EXPECT_EQ(held.deadline(), kNow + 1min);
  held.on_deadline(kNow + 1min);
  ASSERT_TRUE(held.wants_to_ask(kNow + 1min));
  EXPECT_EQ(held.ask(kPatience, kNow + 1min).window, (IdWindow{1, 64}));
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow + 1min), Verdict::kNothing);
  EXPECT_FALSE(held.wants_to_ask(kNow + 109s));
  held.on_deadline(kNow + 110s);
  ASSERT_TRUE(held.wants_to_ask(kNow + 110s));
  EXPECT_EQ(held.ask(kPatience, kNow + 110s).window, (IdWindow{1, 128}));
}

TEST_F(RelayRegistrationTest, TellsTheRelayWhenItIsReleased) {
  get_granted();
  held.release();
  ASSERT_TRUE(held.wants_to_ask(kNow));
  EXPECT_EQ(held.ask(kPatience, kNow).kind, Kind::kRelease);
  EXPECT_EQ(held.on_answer(refusal(200), "r", kNow), Verdict::kOver);
}

TEST_F(RelayRegistrationTest, ReleasesAfterTheAnswerThatIsOnItsWay) {
  held.ask(kPatience, kNow);
  held.release();
  EXPECT_FALSE(held.wants_to_ask(kNow));
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow), Verdict::kNothing);
  EXPECT_EQ(held.ask(kPatience, kNow).kind, Kind::kRelease);
}

TEST_F(RelayRegistrationTest, HasNothingToTellWhenItWasNeverAskedFor) {
  held.release();
  EXPECT_FALSE(held.wants_to_ask(kNow));
}

TEST_F(RelayRegistrationTest, RegistersAgainWhenTheReleaseIsTakenBack) {
  get_granted();
  held.release();
  held.ask(kPatience, kNow);
  held.change(registration(1));
  EXPECT_EQ(held.on_answer(refusal(200), "r", kNow), Verdict::kNothing);
  ASSERT_TRUE(held.wants_to_ask(kNow));
  EXPECT_EQ(held.ask(kPatience, kNow).kind, Kind::kRegister);
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow), Verdict::kGranted);
}

TEST_F(RelayRegistrationTest, HasSomethingToLoseOnceItWasAskedFor) {
  EXPECT_FALSE(held.on_connection_lost());
  held.ask(kPatience, kNow);
  EXPECT_TRUE(held.on_connection_lost());
  EXPECT_FALSE(held.on_connection_lost());
  EXPECT_TRUE(held.wants_to_ask(kNow));
}

TEST_F(RelayRegistrationTest, ReportsTheGrantOfEachConnection) {
  get_granted();
  held.on_new_connection();
  EXPECT_TRUE(held.is_held());
  ASSERT_TRUE(held.wants_to_ask(kNow));
  held.ask(kPatience, kNow);
  EXPECT_EQ(held.on_answer(grant({1, 64}), "r", kNow), Verdict::kGranted);
}

TEST_F(RelayRegistrationTest, NeverAsksBeyondTheLastCounter) {
  RelayRegistration last(registration(1, 0xffffffff, 0xffffffff), {});
  const IdWindow window = last.ask(kPatience, kNow).window;
  EXPECT_GT(window.num, 0u);
  EXPECT_GT(window.end(), window.first);
}

TEST_F(RelayRegistrationTest, TakesCounterZeroForOne) {
  RelayRegistration from_zero(registration(1, 0, 64), {});
  EXPECT_EQ(from_zero.ask(kPatience, kNow).window, (IdWindow{1, 64}));
}

}  // namespace
}  // namespace quicket::transports
