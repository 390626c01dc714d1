#include "core/quic/answer_budget.hpp"

#include "tests/core/quic/pair.hpp"

#include <gtest/gtest.h>

namespace quicket::quic {
namespace {

const Address kHome = Address::loopback(1), kAway = Address::loopback(2), kElsewhere = Address::loopback(3);

TEST(AnswerBudget, GivesAsMuchAsCame) {
  AnswerBudget budget;
  budget.received(kHome, 1200);
  EXPECT_EQ(budget.room(), 1200u);
  EXPECT_TRUE(budget.take(kHome, 1000));
  EXPECT_FALSE(budget.take(kHome, 201));
  EXPECT_TRUE(budget.take(kHome, 200));
  EXPECT_EQ(budget.room(), 0u);
  budget.received(kHome, 50);
  EXPECT_EQ(budget.room(), 50u);
}

TEST(AnswerBudget, GivesNothingToWhomItDidNotHearFromLast) {
  AnswerBudget budget;
  budget.received(kAway, 1200);
  budget.received(kElsewhere, 100);
  EXPECT_FALSE(budget.take(kAway, 1));
  budget.received(kAway, 10);
  EXPECT_EQ(budget.room(), 10u);
}

TEST(AnswerBudget, BoundsNothingWhereTheAddressIsValidated) {
  AnswerBudget budget;
  budget.received(kHome, 10);
  budget.validated(kHome);
  EXPECT_GT(budget.room(), 65'535u);
  EXPECT_TRUE(budget.take(kHome, 65'535));
}

TEST(AnswerBudget, KnowsTheAddressThatAClientLeft) {
  AnswerBudget budget;
  budget.validated(kHome);
  budget.validated(kAway);
  EXPECT_TRUE(budget.take(kHome, 1200));
  budget.validated(kElsewhere);
  EXPECT_FALSE(budget.take(kHome, 1));
  EXPECT_TRUE(budget.take(kAway, 1200));
}

using namespace test;

// How long a handshake takes with a certificate that names as many hosts, whose names have 40 letters.
Duration time_to_connect(std::size_t hosts, bool in_kind) {
  Policy client = policy_of(Role::kClient, 1, anyone()), server = policy_of(Role::kServer, 2, nullptr);
  const auto pem = make_self_signed(std::vector(hosts, std::string(30, 'h') + ".example")).value();
  server.tls.own = Credentials::from_pem(as_bytes(pem.certificate), as_bytes(pem.key)).value();
  server.answers_in_kind = in_kind;
  client.tls.own = nullptr;
  client.tls.web_signatures = server.tls.web_signatures = true;
  Pair pair(std::move(client), std::move(server));
  const TimePoint start = pair.now;
  EXPECT_TRUE(pair.connect());
  return pair.now - start;
}

TEST(AnswersInKind, CostNothingWhereTheCertificateFitsIntoOneDatagram) {
  EXPECT_EQ(time_to_connect(4, true), time_to_connect(4, false));
}

TEST(AnswersInKind, CostOneRoundTripWhereItDoesNot) {
  EXPECT_EQ(time_to_connect(50, true), time_to_connect(50, false) + 2 * Pair::kOneWay);
}

}  // namespace
}  // namespace quicket::quic
