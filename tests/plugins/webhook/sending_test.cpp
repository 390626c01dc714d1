// The carrier against a server that says whatever the test wants.
#include <gmock/gmock.h>

#include <quicket/offer.hpp>

#include "plugins/webhook/signature.hpp"
#include "tests/plugins/webhook/webhooks.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const Bytes kOffer = sealed_offer(300);

std::string field(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "none";
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}
std::string body(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

class WebhookSender : public WithWebhooks {
 protected:
  Outcome<> send(const ScriptedServer& server, CarrierOptions options = {}, TimePoint deadline = in_a_minute()) {
    options.emplace("url", server.url());
    return webhook(options).deliver({.offer = kOffer}, deadline);
  }
};

TEST_F(WebhookSender, PostsJson) {
  ScriptedServer server({answer(204)});
  ASSERT_TRUE(send(server));
  const auto requests = server.requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_THAT(requests[0], StartsWith("POST /hook HTTP/1.1\r\n"));
  EXPECT_EQ(field(requests[0], "Content-Type"), "application/json");
  EXPECT_EQ(body(requests[0]), offer_to_json(kOffer));
  EXPECT_EQ(field(requests[0], "webhook-signature"), "none");
}

TEST_F(WebhookSender, SignsAsStandardWebhooksDo) {
  ScriptedServer server({answer(200)});
  ASSERT_TRUE(send(server, {{"secret-file", write("secret", kSecret)}}));
  const std::string request = server.requests().at(0);
  const std::string id = field(request, "webhook-id"), timestamp = field(request, "webhook-timestamp");
  const plugin::SigningKeys keys(kSecret);
  EXPECT_TRUE(keys.verify(field(request, "webhook-signature"), id, timestamp, body(request))) << request;
}

TEST_F(WebhookSender, FillsInATemplateAndHeaders) {
  ScriptedServer server({answer(200)});
  const CarrierOptions options{{"method", "PUT"},
                               {"headers-file", write("h", "Authorization: Bearer t\ncontent-type: text/x-own\n")},
                               {"body-file", write("b", "to={{recipient}} {{offer_b64url}}")}};
  ASSERT_TRUE(send(server, options));
  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, StartsWith("PUT /hook "));
  EXPECT_EQ(field(request, "Authorization"), "Bearer t");
  EXPECT_EQ(field(request, "content-type"), "text/x-own");
  EXPECT_EQ(field(request, "Content-Type"), "none");
  EXPECT_EQ(body(request), "to= " + offer_to_uri(kOffer).substr(8));
}

TEST_F(WebhookSender, TriesAgainWithTheSameIdAndANewSignature) {
  ScriptedServer server({answer(503), answer(429), answer(408), answer(425), answer(500), "", answer(200)});
  ASSERT_TRUE(send(server, {{"secret-file", write("secret", kSecret)}}));
  const auto requests = server.requests();
  ASSERT_THAT(requests, SizeIs(7));
  for (const std::string& request : requests) EXPECT_EQ(field(request, "webhook-id"), field(requests[0], "webhook-id"));
  EXPECT_THAT(log_.lines(), Each(AllOf(HasSubstr("trying again in"), Not(HasSubstr("/hook")))));
}

TEST_F(WebhookSender, WaitsAsLongAsItIsAsked) {
  ScriptedServer server({answer(429, "Retry-After: 1\r\n"), answer(200)});
  const TimePoint start = boot_time();
  ASSERT_TRUE(send(server));
  EXPECT_GE(boot_time() - start, 1s);
}

TEST_F(WebhookSender, GivesUpAtOnceWhenItIsAskedToWaitBeyondTheDeadline) {
  ScriptedServer server({answer(503, "Retry-After: 3600\r\n", "closed for today")});
  const auto sent = send(server);
  EXPECT_EQ(sent.error().code, Errc::kDialDeadline);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(WebhookSender, TakesARefusalForFinal) {
  for (const int status : {400, 401, 403, 404, 410, 413, 422, 600}) {
    ScriptedServer server({answer(status, "", "because \x1b[2J" + std::string(5'000, 'x'))});
    const auto sent = send(server);
    EXPECT_EQ(sent.error().code, Errc::kCarrierFailed);
    EXPECT_THAT(sent.error().message(), HasSubstr("answers " + std::to_string(status) + ": because  [2Jxx"));
    EXPECT_LT(sent.error().message().size(), 300u);
    EXPECT_THAT(server.requests(), SizeIs(1)) << status;
  }
}

TEST_F(WebhookSender, TakesTheStatusOfAnAnswerThatIsCutOff) {
  ScriptedServer server({"HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nbecause"});
  EXPECT_THAT(send(server).error().message(), HasSubstr("answers 403: because"));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(WebhookSender, FollowsNoRedirect) {
  ScriptedServer other({answer(200)});
  for (const int status : {301, 302, 307, 308}) {
    ScriptedServer server({answer(status, "Location: " + other.url() + "\r\n")});
    EXPECT_THAT(send(server).error().message(), HasSubstr("redirects are not followed"));
  }
  EXPECT_THAT(other.requests(), IsEmpty());
}

TEST_F(WebhookSender, TriesUntilTheDeadlineWhenNobodyListens) {
  const TimePoint deadline = boot_time() + 400ms;
  const auto sent = webhook({{"url", "http://127.0.0.1:" + std::to_string(free_port()) + "/token"}})
                        .deliver({.offer = kOffer}, deadline);
  EXPECT_EQ(sent.error().code, Errc::kDialDeadline);
  EXPECT_GE(boot_time(), deadline - 1ms);
  EXPECT_THAT(log_.lines(), Not(Contains(HasSubstr("token"))));
}

TEST_F(WebhookSender, IsNotDeceivedByNonsense) {
  ScriptedServer server({"SSH-2.0-x\r\n"});
  const auto sent = send(server, {}, boot_time() + 2s);
  EXPECT_FALSE(sent);
}

}  // namespace
}  // namespace quicket
