#include "tests/relay/service/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(Register, GrantsAWindowAndSaysWhereItSeesTheClient) {
  ServiceOptions options;
  options.public_addresses = {kRelay};
  Desk desk(options);
  const auto alice = client(1, kAlice);
  const HttpResponse response = desk.enter(proven(kAliceKey, alice, kSession), alice);
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), "application/protobuf");
  const auto answer = body<v1::RegisterResponse>(response);
  EXPECT_EQ(answer.observed().ip(), text(kAlice.ip()));
  EXPECT_EQ(answer.observed().port(), 1111u);
  ASSERT_EQ(answer.public_addresses_size(), 1);
  EXPECT_EQ(answer.public_addresses(0).port(), 4433u);
  EXPECT_EQ(answer.lease_seconds(), 120u);
  EXPECT_EQ(answer.first(), 1u);
  EXPECT_EQ(answer.num(), 64u);
  EXPECT_EQ(answer.limits().window(), 256u);
  EXPECT_EQ(answer.limits().registrations_per_address(), 256u);
  EXPECT_EQ(answer.limits().absolute_lease_seconds(), 86'400u);
  EXPECT_EQ(answer.peer_token(), "");
  EXPECT_EQ(desk.find(kAliceKey)->target, from(kAlice));
}

TEST(Register, RefusesSomeonesKeyWithoutAProof) {
  Desk desk;
  const HttpResponse response = desk.enter(unproven(kAliceKey), client(9, kMallory));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(body<v1::Problem>(response).type(), "quicket:proof-refused");
  EXPECT_EQ(desk.table.registrations(), 0u);
}

TEST(Register, RefusesAProofOfAnotherConnectionKeyOrSession) {
  Desk desk;
  const auto alice = client(1, kAlice), mallory = client(9, kMallory);
  EXPECT_EQ(desk.enter(proven(kAliceKey, alice, kSession), mallory).status, 403);  // overheard by another relay

  auto other_key = proven(kMalloryKey, mallory);
  other_key.set_key(text(kAliceKey.id().key()));
  EXPECT_EQ(desk.enter(other_key, mallory).status, 403);

  auto other_session = proven(kAliceKey, alice, kSession);
  other_session.set_session(std::string(16, 'x'));
  EXPECT_EQ(desk.enter(other_session, alice).status, 403);

  for (const std::size_t size : {1u, 63u, 64u, 65u}) {
    auto forged = unproven(kAliceKey);
    forged.set_proof(std::string(size, '\1'));
    EXPECT_EQ(desk.enter(forged, alice).status, 403) << size;
  }
  EXPECT_EQ(desk.table.registrations(), 0u);
}

TEST(Register, RefusesAProofWhereTheConnectionHasNoExporter) {
  Desk desk;
  auto alice = client(1, kAlice);
  const auto message = proven(kAliceKey, alice);
  alice.exporter = [](std::string_view) -> Result<Bytes> { return Errc::kUnsupported; };
  EXPECT_EQ(desk.enter(message, alice).status, 403);
  alice.exporter = nullptr;
  EXPECT_EQ(desk.enter(message, alice).status, 403);
}

TEST(Register, NeedsNoFurtherProofOnTheSameConnectionUntilItCloses) {
  Desk desk;
  const auto alice = client(1, kAlice);
  ASSERT_EQ(desk.enter_proven(kAliceKey, alice), 200);
  EXPECT_EQ(desk.enter(unproven(kAliceKey), alice).status, 200);
  EXPECT_EQ(desk.enter(unproven(kAliceKey), client(2, kAlice)).status, 403);
  desk.service.connection_closed(1);
  EXPECT_EQ(desk.enter(unproven(kAliceKey), alice).status, 403);
}

TEST(Register, KeepsTheRegistrationWhenItsConnectionCloses) {
  Desk desk;
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice)), 200);
  desk.service.connection_closed(1);
  EXPECT_TRUE(desk.find(kAliceKey).has_value());
}

TEST(Register, RefusesAThirdPartyInASession) {
  Desk desk;
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice), kSession), 200);
  ASSERT_EQ(desk.enter_proven(kBobKey, client(2, kBob), kSession), 200);
  const auto mallory = client(9, kMallory);
  const HttpResponse response = desk.enter(proven(kMalloryKey, mallory, kSession), mallory);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(body<v1::Problem>(response).type(), "quicket:answered-elsewhere");
  EXPECT_NE(body<v1::Problem>(response).detail(), "");
}

TEST(Register, FollowsAProvenKeyButNotABearerKey) {
  Desk desk;
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice)), 200);
  EXPECT_EQ(desk.enter_proven(kAliceKey, client(2, kBob)), 200);
  EXPECT_EQ(desk.find(kAliceKey)->target, from(kBob));

  v1::RegisterRequest bearer;
  bearer.set_key(std::string(16, 'k'));
  bearer.set_num(10);
  ASSERT_EQ(desk.enter(bearer, client(1, kAlice)).status, 200);
  const HttpResponse response = desk.enter(bearer, client(9, kMallory));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(body<v1::Problem>(response).type(), "quicket:bearer-from-elsewhere");
}

TEST(Register, MovesAConnectionsRegistrationsWhenItsPathChanges) {
  Desk desk;
  const auto alice = client(1, kAlice);
  ASSERT_EQ(desk.enter_proven(kAliceKey, alice), 200);
  ASSERT_EQ(desk.enter_proven(kBobKey, alice), 200);
  ASSERT_EQ(desk.enter_proven(kMalloryKey, client(9, kMallory)), 200);
  const Address away = address("198.51.100.9:9");
  desk.service.path_changed(1, from(away));
  EXPECT_EQ(desk.find(kAliceKey)->target, from(away));
  EXPECT_EQ(desk.find(kBobKey)->target, from(away));
  EXPECT_EQ(desk.find(kMalloryKey)->target, from(kMallory));
}

TEST(Register, LeavesARegistrationToTheConnectionThatMadeItLast) {
  Desk desk;
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice)), 200);
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(2, kBob)), 200);
  desk.service.path_changed(1, from(address("198.51.100.9:9")));
  EXPECT_EQ(desk.find(kAliceKey)->target, from(kBob));
}

TEST(Register, RefusesValuesOutOfRange) {
  Desk desk;
  const auto alice = client(1, kAlice);
  const auto status = [&](auto change) {
    auto message = proven(kAliceKey, alice);
    change(message);
    return desk.enter(message, alice).status;
  };
  for (const std::size_t size : {0u, 1u, 15u, 33u, 64u}) {
    EXPECT_EQ(status([&](auto& m) { m.set_key(std::string(size, 'k')); }), 400) << size;
  }
  for (const std::size_t size : {1u, 15u, 17u}) {
    EXPECT_EQ(status([&](auto& m) { m.set_session(std::string(size, 's')); }), 400) << size;
  }
  EXPECT_EQ(status([](auto& m) { m.set_num(0); }), 400);
  EXPECT_EQ(status([](auto& m) { m.set_schedule(2); }), 400);
  EXPECT_EQ(desk.table.registrations(), 0u);
  EXPECT_EQ(status([](auto& m) { m.set_schedule(1); }), 200);
}

TEST(Register, GrantsWhatItCanOfAHugeWindow) {
  Desk desk;
  const auto alice = client(1, kAlice);
  auto message = proven(kAliceKey, alice);
  message.set_num(10'000'000);
  EXPECT_EQ(body<v1::RegisterResponse>(desk.enter(message, alice)).num(), 256u);
  EXPECT_EQ(desk.table.routes().size(), 256u);
}

TEST(Register, TakesNoBearerKeysWhereConfigured) {
  ServiceOptions options;
  options.bearer_keys = false;
  Desk desk(options);
  const HttpResponse response =
      desk.handle(post_json("/v1/register", R"({"key":"AAECAwQFBgcICQoLDA0ODw==","num":10})"), client(1, kAlice));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice)), 200);
}

TEST(Register, RefusesClientsAtSpecialAddresses) {
  Desk desk;
  EXPECT_EQ(desk.enter_proven(kAliceKey, client(1, address("127.0.0.1:80"))), 403);
}

TEST(Register, TellsWhomItHasNoRoomForWhenToComeAgain) {
  Limits limits = small_limits();
  limits.registrations_per_address = 1;
  limits.registrations = 2;
  Desk desk({}, limits);
  ASSERT_EQ(desk.enter_proven(kAliceKey, client(1, kAlice)), 200);
  const auto mallory = client(2, kAlice);
  const HttpResponse over = desk.enter(proven(kMalloryKey, mallory), mallory);
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over, "retry-after"), "30");
  ASSERT_EQ(desk.enter_proven(kBobKey, client(3, kBob)), 200);
  const auto late = client(4, kMallory);
  const HttpResponse full = desk.enter(proven(kMalloryKey, late), late);
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(header(full, "retry-after"), "30");
}

TEST(Register, RemembersBoundedKeysOfOneConnection) {
  Limits limits = small_limits();
  limits.registrations_per_address = 4;
  Desk desk({}, limits);
  const auto alice = client(1, kAlice);
  const auto key = [](int i) { return Identity::from_seed({std::byte{77}, std::byte(i)}); };
  for (int i = 0; i < 4; ++i) ASSERT_EQ(desk.enter_proven(key(i), alice), 200);
  EXPECT_EQ(desk.enter_proven(key(4), alice), 429);
  desk.table.release(RegistrationKey::from(key(0).id().key()).value());
  EXPECT_EQ(desk.enter_proven(key(5), alice), 200);
  EXPECT_EQ(desk.enter(unproven(key(0)), alice).status, 403);  // forgotten
}

}  // namespace
}  // namespace quicket::relay
