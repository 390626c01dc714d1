#include "quicket/v1/mailbox.pb.h"
#include "tests/relay/service/support.hpp"

namespace quicket::relay {
namespace {

using namespace std::chrono_literals;
using transports::RequestId;

const std::string kAlicesBox = "/v1/mailbox/" + kAliceKey.id().to_string();

HttpRequest leave(std::string_view offer, std::string path = kAlicesBox, std::uint32_t keep = 0) {
  v1::MailboxMessage message;
  message.set_offer(std::string(offer));
  message.set_keep_seconds(keep);
  return post(std::move(path), message);
}

std::string proof(const Identity& who, const ClientContext& context) {
  return base64url(ByteView(mailbox_proof(who, context.exporter(kMailboxExporterLabel).value())));
}

HttpRequest signed_request(std::string method, std::string path, const Identity& who, const ClientContext& context) {
  return {.method = std::move(method),
          .path = std::move(path),
          .headers = {{"accept", "application/protobuf"}, {"quicket-proof", proof(who, context)}},
          .body = {}};
}

class MailboxOfAlice : public testing::Test {
 protected:
  // fetch asks as Alice, on her connection; nullopt: she waits.
  std::optional<HttpResponse> fetch(std::string_view query = "", TimePoint now = kStart) {
    alice.request = RequestId{++requests};
    return desk.service.handle(signed_request("GET", kAlicesBox + std::string(query), kAliceKey, alice), alice, now);
  }
  int acknowledge(const std::string& id) {
    return desk.handle(signed_request("DELETE", kAlicesBox + "/" + id, kAliceKey, alice), alice).status;
  }

  Desk desk;
  ClientContext alice = client(1, kAlice), bob = client(2, kBob);
  std::uint64_t requests = 0;
};

TEST_F(MailboxOfAlice, GivesHerTheOfferUntilSheAcknowledgesIt) {
  EXPECT_EQ(desk.handle(leave("one"), bob).status, 200);
  EXPECT_EQ(desk.handle(leave("two"), bob).status, 200);
  const auto first = body<v1::MailboxMessage>(fetch().value());
  EXPECT_EQ(first.offer(), "one");
  EXPECT_EQ(body<v1::MailboxMessage>(fetch().value()).offer(), "one");
  EXPECT_EQ(acknowledge(first.id()), 200);
  EXPECT_EQ(acknowledge(first.id()), 200);
  EXPECT_EQ(body<v1::MailboxMessage>(fetch().value()).offer(), "two");
}

TEST_F(MailboxOfAlice, AnswersAtOnceWhenItIsEmptyAndSheDoesNotWait) { EXPECT_EQ(fetch()->status, 204); }

TEST_F(MailboxOfAlice, GivesAnOfferToAllWhoWaitForIt) {
  EXPECT_FALSE(fetch("?wait=20"));
  EXPECT_FALSE(fetch("?wait=20"));
  EXPECT_EQ(desk.handle(leave("late"), bob).status, 200);
  for (const std::uint64_t request : {1u, 2u}) {
    const auto answer = desk.service.poll();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->first, RequestId{request});
    EXPECT_EQ(body<v1::MailboxMessage>(answer->second).offer(), "late");
  }
  EXPECT_FALSE(desk.service.poll());
}

TEST_F(MailboxOfAlice, SaysThatNothingCameAfterTheWait) {
  EXPECT_FALSE(fetch("?wait=20"));
  EXPECT_EQ(desk.service.deadline(), kStart + 20s);
  desk.service.on_deadline(kStart + 19s);
  EXPECT_FALSE(desk.service.poll());
  desk.service.on_deadline(kStart + 20s);
  EXPECT_EQ(desk.service.poll()->second.status, 204);
  EXPECT_EQ(desk.service.mailbox().waiting(), 0u);
}

TEST_F(MailboxOfAlice, LetsNobodyWaitForLongerThanAConnectionMayBeIdle) {
  EXPECT_FALSE(fetch("?wait=60000"));
  EXPECT_EQ(desk.service.deadline(), kStart + MailboxService::kLongestWait);
}

TEST_F(MailboxOfAlice, ForgetsWhoWaitsWithTheRequest) {
  EXPECT_FALSE(fetch("?wait=20"));
  desk.service.cancelled(RequestId{1});
  EXPECT_EQ(desk.service.mailbox().waiting(), 0u);
  EXPECT_EQ(desk.handle(leave("late"), bob).status, 200);
  EXPECT_FALSE(desk.service.poll());
}

TEST_F(MailboxOfAlice, AnswersTheOldestOfTooManyWhoWait) {
  for (std::size_t i = 0; i <= MailboxService::kMaxWaitingPerPeer; ++i) EXPECT_FALSE(fetch("?wait=20"));
  const auto answer = desk.service.poll();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->first, RequestId{1});
  EXPECT_EQ(answer->second.status, 204);
  EXPECT_EQ(desk.service.mailbox().waiting(), MailboxService::kMaxWaitingPerPeer);
}

TEST_F(MailboxOfAlice, OpensForHerAlone) {
  EXPECT_EQ(desk.handle(leave("secret"), bob).status, 200);
  const auto id = body<v1::MailboxMessage>(fetch().value()).id();
  const ClientContext mallory = client(3, kMallory);
  const auto refused = [&](std::string method, std::string path, std::string proof) {
    HttpRequest request{.method = std::move(method), .path = std::move(path), .headers = {}, .body = {}};
    if (!proof.empty()) request.headers.push_back({"quicket-proof", std::move(proof)});
    return desk.handle(request, mallory).status == 403;
  };
  for (const auto& [method, path] : {std::pair("GET", kAlicesBox), std::pair("GET", kAlicesBox + "?wait=20"),
                                     std::pair("DELETE", kAlicesBox + "/" + id)}) {
    EXPECT_TRUE(refused(method, path, ""));
    EXPECT_TRUE(refused(method, path, "AAAA"));
    EXPECT_TRUE(refused(method, path, proof(kMalloryKey, mallory)));
    EXPECT_TRUE(refused(method, path, proof(kAliceKey, alice))) << "a proof of another connection";
    EXPECT_TRUE(refused(
        method, path,
        base64url(ByteView(registration_proof(kAliceKey, mallory.exporter(kRegisterExporterLabel).value(), {})))));
  }
  EXPECT_EQ(body<v1::MailboxMessage>(fetch().value()).offer(), "secret");
}

TEST_F(MailboxOfAlice, TellsAStrangerNothingAboutHer) {
  const HttpResponse before = desk.handle(leave("one"), bob);
  EXPECT_EQ(acknowledge(body<v1::MailboxMessage>(fetch().value()).id()), 200);
  EXPECT_FALSE(fetch("?wait=20"));
  const HttpResponse after = desk.handle(leave("two"), bob);
  EXPECT_EQ(before.body, after.body);
  EXPECT_EQ(before.status, after.status);
}

TEST_F(MailboxOfAlice, KeepsAnOfferAsLongAsItsSenderWants) {
  EXPECT_EQ(desk.handle(leave("short", kAlicesBox, 5), bob).status, 200);
  EXPECT_EQ(fetch("", kStart + 4s)->status, 200);
  EXPECT_EQ(fetch("", kStart + 5s)->status, 204);
}

TEST_F(MailboxOfAlice, TellsTheSenderForHowLongAnOfferIsKept) {
  const auto kept = [&](std::uint32_t wanted) {
    HttpRequest request = leave("x", kAlicesBox, wanted);
    request.headers.push_back({"accept", "application/protobuf"});
    return body<v1::MailboxReceipt>(desk.handle(request, bob)).keep_seconds();
  };
  EXPECT_EQ(kept(0), 900u);
  EXPECT_EQ(kept(5), 5u);
  EXPECT_EQ(kept(4'000'000'000), 900u);
}

TEST_F(MailboxOfAlice, RefusesWhatIsNoOfferOfItsSize) {
  EXPECT_EQ(desk.handle(leave(""), bob).status, 400);
  EXPECT_EQ(desk.handle(leave(std::string(32'768, 'x')), bob).status, 200);
  EXPECT_EQ(desk.handle(leave(std::string(32'769, 'x')), bob).status, 413);
  EXPECT_EQ(desk.handle(post_json(kAlicesBox, R"({"offer":"AQID"})"), bob).status, 200);
  EXPECT_EQ(desk.handle(post_json(kAlicesBox, R"({"offer":7})"), bob).status, 400);
}

TEST_F(MailboxOfAlice, BoundsASenderAndSaysWhenToComeAgain) {
  Desk small({.mailbox = {.per_sender = 2}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(small.handle(leave("x"), bob).status, 200);
  const HttpResponse refused = small.handle(leave("x"), bob);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "retry-after"), "30");
  EXPECT_EQ(small.handle(leave("x"), client(3, kMallory)).status, 200);
}

TEST_F(MailboxOfAlice, KeepsWhatItHasWhenLimitsBecomeNarrower) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(desk.handle(leave("x"), bob).status, 200);
  desk.service.set_options({.mailbox = {.offer_bytes = 10, .per_sender = 2}});
  EXPECT_EQ(desk.service.mailbox().mailboxes().messages(), 3u);
  EXPECT_EQ(desk.handle(leave("x"), bob).status, 429);
  EXPECT_EQ(desk.handle(leave("more than ten"), client(3, kMallory)).status, 413);
  desk.service.set_options({});
  EXPECT_EQ(desk.handle(leave("x"), bob).status, 200);
}

TEST_F(MailboxOfAlice, TellsTheSenderInWhichRunOfTheRelayTheOfferIsKept) {
  Desk named({.run = "r1"});
  named.service.set_options({.run = "another"});
  HttpRequest request = leave("x");
  request.headers.push_back({"accept", "application/protobuf"});
  EXPECT_EQ(body<v1::MailboxReceipt>(named.handle(request, bob)).run(), "r1");
  const HttpRequest ask{.path = "/v1/info", .headers = {{"accept", "application/protobuf"}}};
  EXPECT_EQ(body<v1::Info>(named.handle(ask, bob)).run(), "r1");
}

TEST_F(MailboxOfAlice, WantsATokenWhereTheRelayWantsOne) {
  Desk guarded({.tokens = {"token"}});
  EXPECT_EQ(guarded.handle(leave("x"), bob).status, 401);
  HttpRequest request = leave("x");
  request.headers.push_back({"authorization", "Bearer token"});
  EXPECT_EQ(guarded.handle(request, bob).status, 200);
}

TEST_F(MailboxOfAlice, KnowsItsPathsAndTheirMethods) {
  const auto status = [&](std::string method, std::string path) {
    return desk.handle(signed_request(std::move(method), std::move(path), kAliceKey, alice), alice).status;
  };
  EXPECT_EQ(status("GET", "/v1/mailbox/"), 404);
  EXPECT_EQ(status("GET", "/v1/mailbox/qk1nobody"), 404);
  EXPECT_EQ(status("GET", kAlicesBox + "/"), 404);
  EXPECT_EQ(status("PUT", kAlicesBox), 405);
  EXPECT_EQ(status("GET", kAlicesBox + "/1"), 405);
  EXPECT_EQ(status("DELETE", kAlicesBox + "/xyz"), 400);
  for (const auto* query : {"?", "?wait", "?wait=", "?wait=-1", "?wait=1&x=2", "?wait=99999999", "?other=1"})
    EXPECT_EQ(status("GET", kAlicesBox + query), std::string(query) == "?" ? 204 : 400) << query;
}

}  // namespace
}  // namespace quicket::relay
