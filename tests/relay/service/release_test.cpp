#include "tests/relay/service/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

v1::ReleaseRequest release_of(const std::string& key) {
  v1::ReleaseRequest message;
  message.set_key(key);
  return message;
}

TEST(Release, EndsARegistrationOnItsConnection) {
  Desk desk;
  const auto alice = client(1, kAlice);
  ASSERT_EQ(desk.enter_proven(kAliceKey, alice), 200);
  EXPECT_EQ(desk.handle(post("/v1/release", release_of(text(kAliceKey.id().key()))), alice).status, 200);
  EXPECT_EQ(desk.table.registrations(), 0u);
}

TEST(Release, NeedsAProofOnAnotherConnection) {
  Desk desk;
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice), kSession), 200);
  auto message = release_of(text(kAliceKey.id().key()));
  const auto again = client(2, kBob);
  EXPECT_EQ(desk.handle(post("/v1/release", message), again).status, 403);
  message.set_session(kSession);
  message.set_proof(text(
      registration_proof(kAliceKey, client(1, kAlice).exporter(kRegisterExporterLabel).value(), as_bytes(kSession))));
  EXPECT_EQ(desk.handle(post("/v1/release", message), again).status, 403);  // another connection's
  EXPECT_TRUE(desk.find(kAliceKey).has_value());
  message.set_proof(
      text(registration_proof(kAliceKey, again.exporter(kRegisterExporterLabel).value(), as_bytes(kSession))));
  EXPECT_EQ(desk.handle(post("/v1/release", message), again).status, 200);
  EXPECT_FALSE(desk.find(kAliceKey).has_value());
}

TEST(Release, OfABearerKeyIsItsConnectionsOnly) {
  Desk desk;
  const std::string key(16, 'k');
  v1::RegisterRequest bearer;
  bearer.set_key(key);
  bearer.set_num(10);
  const auto alice = client(1, kAlice), mallory = client(9, kMallory);
  ASSERT_EQ(desk.enter(bearer, alice).status, 200);
  EXPECT_EQ(desk.enter(bearer, mallory).status, 409);
  EXPECT_EQ(desk.handle(post("/v1/release", release_of(key)), mallory).status, 403);
  EXPECT_EQ(desk.table.registrations(), 1u);
  EXPECT_EQ(desk.handle(post("/v1/release", release_of(key)), alice).status, 200);
  EXPECT_EQ(desk.table.registrations(), 0u);
}

TEST(Release, IsDoneWhenThereIsNothingToRelease) {
  Desk desk;
  const auto alice = client(1, kAlice);
  EXPECT_EQ(desk.handle(post("/v1/release", release_of(std::string(16, 'k'))), alice).status, 200);
  ASSERT_EQ(desk.enter_proven(kAliceKey, alice), 200);
  const auto request = post("/v1/release", release_of(text(kAliceKey.id().key())));
  EXPECT_EQ(desk.handle(request, alice).status, 200);
  EXPECT_EQ(desk.handle(request, alice).status, 200);
}

TEST(Release, RefusesWhatIsNoKey) {
  Desk desk;
  EXPECT_EQ(desk.handle(post("/v1/release", release_of("short")), client(1, kAlice)).status, 400);
}

}  // namespace
}  // namespace quicket::relay
