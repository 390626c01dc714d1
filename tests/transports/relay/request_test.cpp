#include "transports/relay/request.hpp"

#include "quicket/v1/problem.pb.h"
#include "quicket/v1/registration.pb.h"

#include <gtest/gtest.h>

#include <random>

namespace quicket::transports {
namespace {

using namespace std::chrono_literals;

constexpr IdWindow kAsked{.first = 10, .num = 64};

HttpResponse response(int status, const google::protobuf::MessageLite& message, std::vector<HttpHeader> headers = {}) {
  headers.push_back({"content-type", "application/protobuf"});
  return {.status = status, .headers = std::move(headers), .body = to_bytes(as_bytes(message.SerializeAsString()))};
}

v1::RegisterResponse grant() {
  v1::RegisterResponse message;
  message.mutable_observed()->set_ip(std::string("\xc6\x33\x64\x01", 4));
  message.mutable_observed()->set_port(1000);
  message.set_lease_seconds(120);
  message.set_first(10);
  message.set_num(64);
  return message;
}

std::optional<Grant> granted(const HttpResponse& answer) {
  auto read = read_register_answer(answer, kAsked, "r");
  auto* one = std::get_if<Grant>(&read);
  return one ? std::optional(std::move(*one)) : std::nullopt;
}
Denial denied(const HttpResponse& answer) { return std::get<Denial>(read_register_answer(answer, kAsked, "r")); }

HttpResponse problem(int status, const std::string& type, const std::string& detail,
                     std::vector<HttpHeader> headers = {}) {
  v1::Problem message;
  message.set_type(type);
  message.set_detail(detail);
  return response(status, message, std::move(headers));
}

TEST(RegisterRequest, StatesTheWholeWindow) {
  const RequestFrame frame{.authority = "relay.test:4433", .software = "quicket/1", .bearer_token = "abc"};
  PeerId::Key key;
  key.fill(std::byte{1});
  RelaySessionId session;
  session.fill(std::byte{2});
  RegistrationProof proof;
  proof.fill(std::byte{3});
  const HttpRequest request = register_request(frame, key, session, kAsked, "peer token", proof);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/register");
  EXPECT_EQ(request.authority, "relay.test:4433");
  EXPECT_EQ(find_header(request.headers, "content-type"), "application/protobuf");
  EXPECT_EQ(find_header(request.headers, "user-agent"), "quicket/1");
  EXPECT_EQ(find_header(request.headers, "authorization"), "Bearer abc");
  v1::RegisterRequest message;
  ASSERT_TRUE(message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size())));
  EXPECT_EQ(message.key(), std::string(32, '\1'));
  EXPECT_EQ(message.session(), std::string(16, '\2'));
  EXPECT_EQ(message.proof(), std::string(64, '\3'));
  EXPECT_EQ(message.first(), 10u);
  EXPECT_EQ(message.num(), 64u);
  EXPECT_EQ(message.peer_token(), "peer token");
}

TEST(RegisterAnswer, GivesTheGrant) {
  v1::RegisterResponse message = grant();
  message.set_num(32);
  message.set_peer_token("token");
  *message.add_public_addresses() = message.observed();
  const auto read = granted(response(200, message));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->window, (IdWindow{10, 32}));
  EXPECT_EQ(read->observed.to_string(), "198.51.100.1:1000");
  EXPECT_EQ(read->lease, 2min);
  EXPECT_EQ(read->public_addresses.size(), 1u);
  EXPECT_EQ(read->peer_token, "token");
}

TEST(RegisterAnswer, RefusesAWindowThatWasNotAskedFor) {
  const auto with = [](std::uint32_t first, std::uint32_t num) {
    v1::RegisterResponse message = grant();
    message.set_first(first);
    message.set_num(num);
    return granted(response(200, message)).has_value();
  };
  EXPECT_TRUE(with(10, 64));
  EXPECT_TRUE(with(73, 1));
  EXPECT_FALSE(with(9, 64));
  EXPECT_FALSE(with(10, 65));
  EXPECT_FALSE(with(10, 0));
  EXPECT_FALSE(with(74, 1));
  EXPECT_FALSE(with(11, 0xffffffff));
  EXPECT_FALSE(with(0, 0));
}

TEST(RegisterAnswer, RefusesAnAddressThatIsNone) {
  v1::RegisterResponse message = grant();
  message.mutable_observed()->set_ip("abc");
  EXPECT_FALSE(granted(response(200, message)));
  message = grant();
  message.mutable_observed()->set_port(65536);
  EXPECT_FALSE(granted(response(200, message)));
  message = grant();
  message.clear_observed();
  EXPECT_FALSE(granted(response(200, message)));
}

TEST(RegisterAnswer, BoundsWhatARelayMaySay) {
  v1::RegisterResponse message = grant();
  message.set_lease_seconds(1);
  EXPECT_EQ(granted(response(200, message))->lease, kShortestLease);
  message.set_lease_seconds(0xffffffff);
  EXPECT_EQ(granted(response(200, message))->lease, kLongestLease);
  message.set_lease_seconds(0);
  EXPECT_FALSE(granted(response(200, message)));
  message = grant();
  for (int i = 0; i < 100; ++i) *message.add_public_addresses() = message.observed();
  EXPECT_EQ(granted(response(200, message))->public_addresses.size(), kMaxPublicAddresses);
  message.set_peer_token(std::string(kMaxPeerToken + 1, 'a'));
  EXPECT_FALSE(granted(response(200, message)));
}

TEST(RegisterAnswer, TakesOnlyWhatAnOfferCanPassOn) {
  v1::RegisterResponse message = grant();
  for (const char* ip : {"\xe0\x01\x02\x03", "\x01\x01\x01\x01"}) {
    v1::Address& address = *message.add_public_addresses();
    address.set_ip(ip);
    address.set_port(443);
  }
  message.add_public_addresses()->set_ip(std::string(4, '\0'));
  message.mutable_public_addresses(2)->set_port(443);
  message.set_peer_token("a~!");
  const auto read = granted(response(200, message));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_addresses, std::vector{Address::parse("1.1.1.1:443").value()});
  for (const char* token : {"a b", "a\n", "\x80"}) {
    message.set_peer_token(token);
    EXPECT_FALSE(granted(response(200, message))) << token;
  }
}

TEST(RegisterAnswer, TellsTheRefusalsApart) {
  const Denial elsewhere = denied(problem(409, "quicket:answered-elsewhere", "too late"));
  EXPECT_EQ(elsewhere.why.code, make_error_code(Errc::kAnsweredElsewhere));
  EXPECT_EQ(elsewhere.why.detail, "relay r refuses: too late");
  EXPECT_TRUE(elsewhere.final);

  const Denial conflict = denied(problem(409, "quicket:conflict", "taken"));
  EXPECT_EQ(conflict.why.code, make_error_code(Errc::kRelayRefused));
  EXPECT_TRUE(conflict.final);

  for (const int status : {400, 401, 403, 404, 405, 413, 415, 301, 204}) {
    const Denial denial = denied(problem(status, "", "no"));
    EXPECT_EQ(denial.why.code, make_error_code(Errc::kRelayRefused)) << status;
    EXPECT_TRUE(denial.final) << status;
    EXPECT_EQ(denial.unproven, status == 403) << status;
  }
  for (const int status : {408, 425, 500, 502}) {
    EXPECT_FALSE(denied(problem(status, "", "later")).final) << status;
    EXPECT_EQ(denied(problem(status, "", "later")).why.code, make_error_code(Errc::kRelayRefused)) << status;
  }
}

TEST(RegisterAnswer, TakesRetryAfterInSeconds) {
  for (const int status : {429, 503}) {
    const Denial denial = denied(problem(status, "", "full", {{"retry-after", "30"}}));
    EXPECT_EQ(denial.why.code, make_error_code(Errc::kRelayOverQuota));
    EXPECT_FALSE(denial.final);
    EXPECT_EQ(denial.retry_after, 30s);
  }
  for (const char* text : {"", "soon", "30s", "-1", "99999999999", "Wed, 21 Oct 2015 07:28:00 GMT"}) {
    EXPECT_EQ(denied(problem(429, "", "full", {{"retry-after", text}})).retry_after, std::nullopt) << text;
  }
}

TEST(RegisterAnswer, ShowsNoControlCharactersAndNoNovels) {
  const Denial denial = denied(problem(403, "", "a\x1b[31mb\n\x7f" + std::string(5000, 'x')));
  EXPECT_LT(denial.why.detail.size(), 250u);
  for (const char c : denial.why.detail) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(RegisterAnswer, NamesTheStatusWhenTheRelayExplainsNothing) {
  EXPECT_EQ(denied({.status = 404, .headers = {}, .body = {}}).why.detail, "relay r refuses: HTTP status 404");
  HttpResponse page{.status = 404, .headers = {{"content-type", "text/html"}}, .body = to_bytes(as_bytes("<html>"))};
  EXPECT_EQ(denied(page).why.detail, "relay r refuses: HTTP status 404");
}

TEST(RegisterAnswer, SurvivesAnyBytes) {
  std::mt19937 random(1);
  const std::string good = grant().SerializeAsString();
  std::size_t grants = 0;
  for (int i = 0; i < 5000; ++i) {
    HttpResponse answer{.status = 200, .headers = {}, .body = to_bytes(as_bytes(good))};
    for (unsigned changes = random() % 4 + 1; changes > 0; --changes)
      answer.body[random() % answer.body.size()] = std::byte(random() & 0xff);
    answer.body.resize(random() % (answer.body.size() + 1));
    if (const auto read = granted(answer)) {
      ++grants;
      EXPECT_GE(read->window.first, kAsked.first);
      EXPECT_LE(read->window.end(), kAsked.end());
    }
    answer.status = 429;
    EXPECT_FALSE(granted(answer));
  }
  EXPECT_LT(grants, 5000u);
}

TEST(InfoAnswer, GivesTheLengthOfConnectionIds) {
  v1::Info info;
  EXPECT_EQ(read_info_answer(response(200, info)), std::nullopt);
  info.set_connection_id_length(16);
  EXPECT_EQ(read_info_answer(response(200, info)), 16u);
  EXPECT_EQ(read_info_answer(response(404, info)), std::nullopt);
  EXPECT_EQ(read_info_answer({.status = 200, .headers = {}, .body = to_bytes(as_bytes("{\"connectionIdLength\":16}"))}),
            std::nullopt);
}

}  // namespace
}  // namespace quicket::transports
