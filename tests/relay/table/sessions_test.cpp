#include "relay/table/sessions.hpp"

#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

using Standing = Sessions::Standing;

TEST(Sessions, HasTwoPlaces) {
  Sessions sessions(4);
  const SessionId id = session(1);
  EXPECT_EQ(sessions.standing(id, proven_key(1)), Standing::kFirst);
  sessions.enter(id, proven_key(1), 10);
  EXPECT_EQ(sessions.standing(id, proven_key(1)), Standing::kMember);
  EXPECT_EQ(sessions.standing(id, proven_key(2)), Standing::kSecond);
  EXPECT_EQ(sessions.partner(id, proven_key(1)), std::nullopt);
  sessions.enter(id, proven_key(2), 20);
  EXPECT_EQ(sessions.standing(id, proven_key(3)), Standing::kThird);
  EXPECT_EQ(sessions.partner(id, proven_key(1)), 20u);
  EXPECT_EQ(sessions.partner(id, proven_key(2)), 10u);
}

TEST(Sessions, KeepsThePlaceOfAKeyWhoseRegistrationEnded) {
  Sessions sessions(4);
  const SessionId id = session(1);
  sessions.enter(id, proven_key(1), 10);
  sessions.enter(id, proven_key(2), 20);
  sessions.leave(id, proven_key(2));
  EXPECT_EQ(sessions.partner(id, proven_key(1)), std::nullopt);
  EXPECT_EQ(sessions.standing(id, proven_key(3)), Standing::kThird);
  sessions.enter(id, proven_key(2), 21);
  EXPECT_EQ(sessions.partner(id, proven_key(1)), 21u);
}

TEST(Sessions, EndsWithItsLastRegistration) {
  Sessions sessions(1);
  const SessionId id = session(1);
  sessions.enter(id, proven_key(1), 10);
  sessions.enter(id, proven_key(2), 20);
  EXPECT_TRUE(sessions.is_full());
  sessions.leave(id, proven_key(1));
  sessions.leave(id, proven_key(2));
  EXPECT_EQ(sessions.size(), 0u);
  EXPECT_EQ(sessions.standing(id, proven_key(3)), Standing::kFirst);
}

}  // namespace
}  // namespace quicket::relay
