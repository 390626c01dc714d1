#include "tests/relay/service/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

ServiceOptions with_tokens() {
  ServiceOptions options;
  options.tokens = {"first secret", "second secret"};
  return options;
}

ServiceOptions with_peer_tokens() {
  ServiceOptions options;
  options.require_peer_token = true;
  options.peer_token_secret = Bytes(32, std::byte{9});
  return options;
}

HttpResponse enter(Desk& desk, const v1::RegisterRequest& message, const ClientContext& context,
                   std::string authorization) {
  HttpRequest request = post("/v1/register", message);
  if (!authorization.empty()) request.headers.push_back({"authorization", std::move(authorization)});
  return desk.handle(request, context);
}

TEST(Authorization, IsNeededWhereTokensAreConfigured) {
  Desk desk(with_tokens());
  const auto alice = client(1, kAlice);
  const auto message = proven(kAliceKey, alice);
  const HttpResponse missing = enter(desk, message, alice, "");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(header(missing, "www-authenticate"), "Bearer");
  EXPECT_EQ(enter(desk, message, alice, "Basic Zmlyc3Q=").status, 401);
  EXPECT_EQ(enter(desk, message, alice, "Bearer wrong").status, 403);
  EXPECT_EQ(enter(desk, message, alice, "Bearer ").status, 403);
  EXPECT_EQ(desk.table.registrations(), 0u);
  EXPECT_EQ(enter(desk, message, alice, "Bearer first secret").status, 200);
  EXPECT_EQ(enter(desk, message, alice, "bearer second secret").status, 200);
}

TEST(Authorization, IsNotNeededForInformation) {
  Desk desk(with_tokens());
  EXPECT_EQ(desk.handle({.path = "/v1/info"}, client(1, kAlice)).status, 200);
}

TEST(PeerToken, IsGivenToTheFirstPartyAndAskedOfTheSecond) {
  Desk desk(with_peer_tokens());
  const auto alice = client(1, kAlice), bob = client(2, kBob);
  const HttpResponse first = desk.enter(proven(kAliceKey, alice, kSession), alice);
  ASSERT_EQ(first.status, 200);
  const std::string token = body<v1::RegisterResponse>(first).peer_token();
  ASSERT_FALSE(token.empty());

  auto answer = proven(kBobKey, bob, kSession);
  EXPECT_EQ(desk.enter(answer, bob).status, 403);
  answer.set_peer_token("guessed");
  EXPECT_EQ(desk.enter(answer, bob).status, 403);
  answer.set_peer_token(token);
  EXPECT_EQ(desk.enter(answer, bob).status, 200);
  answer.clear_peer_token();
  EXPECT_EQ(desk.enter(answer, bob).status, 200);  // already in
}

TEST(PeerToken, IsAnotherForEachSession) {
  Desk desk(with_peer_tokens());
  const auto alice = client(1, kAlice);
  const auto token_of = [&](const Identity& key, const std::string& in) {
    return body<v1::RegisterResponse>(desk.enter(proven(key, alice, in), alice)).peer_token();
  };
  EXPECT_NE(token_of(kAliceKey, kSession), token_of(kBobKey, std::string(16, 't')));
}

TEST(PeerToken, AdmitsAnAccepterWithoutAnAuthorizationOfItsOwn) {
  ServiceOptions options = with_peer_tokens();
  options.tokens = {"secret"};
  Desk desk(options);
  const auto alice = client(1, kAlice), bob = client(2, kBob);
  const HttpResponse first = enter(desk, proven(kAliceKey, alice, kSession), alice, "Bearer secret");
  ASSERT_EQ(first.status, 200);
  auto answer = proven(kBobKey, bob, kSession);
  answer.set_peer_token(body<v1::RegisterResponse>(first).peer_token());
  EXPECT_EQ(desk.enter(answer, bob).status, 200);
  EXPECT_EQ(desk.enter_proven(kMalloryKey, client(9, kMallory), std::string(16, 'x')), 401);
}

}  // namespace
}  // namespace quicket::relay
