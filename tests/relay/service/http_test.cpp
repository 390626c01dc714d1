#include "tests/core/base/hex.hpp"
#include "tests/relay/service/support.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <random>

namespace quicket::relay {
namespace {

constexpr std::string_view kReferenceBody = "{\"key\":\"AAECAwQFBgcICQoLDA0ODw==\",\"num\":10}\n";

boost::json::object json(const HttpResponse& response) {
  return boost::json::parse(as_text(response.body)).as_object();
}

TEST(Http, ServesTheReferenceImplementationsBodyAsItIs) {
  Desk desk;
  HttpRequest request = post_json("/v1/register", kReferenceBody);
  request.headers = {{"accept-encoding", "gzip"}};
  const HttpResponse response = desk.handle(request, client(1, kAlice));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), "application/json");
  EXPECT_EQ(json(response).at("num").as_int64(), 256);
  // The reference's tenth connection ID of this key.
  const auto id = ConnectionId::from(from_hex("2027e40b9a880fba70d9e988")).value();
  ASSERT_NE(desk.table.routes().find(id), nullptr);
  EXPECT_EQ(desk.table.routes().find(id)->target, from(kAlice));
}

TEST(Http, TakesAnyNumberInJsonWithoutHarm) {
  Desk desk;
  const auto status = [&](std::string_view num) {
    const std::string text = "{\"key\":\"AAECAwQFBgcICQoLDA0ODw==\",\"num\":" + std::string(num) + "}";
    return desk.handle(post_json("/v1/register", text), client(1, kAlice)).status;
  };
  for (const char* num :
       {"1e12", "1000000000000", "-1", "10.5", "1e400", "\"ten\"", "[10]", "99999999999999999999999999", "true"}) {
    EXPECT_EQ(status(num), 400) << num;
  }
  EXPECT_EQ(desk.table.registrations(), 0u);
  EXPECT_EQ(status("10000000"), 200);
  EXPECT_EQ(desk.table.routes().size(), 256u);
}

TEST(Http, RefusesMalformedJson) {
  Desk desk;
  const std::string deep = "{\"x\":" + std::string(20'000, '[') + std::string(20'000, ']') + "}";
  for (const std::string_view text :
       {std::string_view("{"), std::string_view("{]"), std::string_view("{\"key\":\"*\",\"num\":1}"),
        std::string_view("{\"key\":7,\"num\":1}"), std::string_view("{\"num\":1}"),
        std::string_view("{\"key\":\"\xff\xfe\",\"num\":1}"), std::string_view(deep)}) {
    const HttpResponse response = desk.handle(post_json("/v1/register", text), client(1, kAlice));
    EXPECT_EQ(response.status, 400) << text.substr(0, 40);
    EXPECT_EQ(header(response, "content-type"), "application/problem+json");
  }
}

TEST(Http, RefusesMalformedProtobuf) {
  Desk desk;
  HttpRequest request = post("/v1/register", unproven(kAliceKey));
  for (std::size_t size = 1; size < request.body.size(); ++size) {
    HttpRequest cut = request;
    cut.body.resize(size);
    EXPECT_GE(desk.handle(cut, client(1, kAlice)).status, 400) << size;
  }
  request.body.assign(100, std::byte{0xff});
  const HttpResponse response = desk.handle(request, client(1, kAlice));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(body<v1::Problem>(response).status(), 400u);
}

TEST(Http, IgnoresUnknownFields) {
  Desk desk;
  EXPECT_EQ(desk.handle(post_json("/v1/register", R"({"key":"AAECAwQFBgcICQoLDA0ODw==","num":10,"later":{"a":[1]}})"),
                        client(1, kAlice))
                .status,
            200);
  HttpRequest request = post("/v1/register", proven(kAliceKey, client(1, kAlice)));
  for (const int byte : {0xfa, 0x07, 0x02, 0x61, 0x62}) request.body.push_back(std::byte(byte));  // field 127
  EXPECT_EQ(desk.handle(request, client(1, kAlice)).status, 200);
}

TEST(Http, TakesEachOfItsMediaTypesAndNoOther) {
  Desk desk;
  const auto status = [&](HttpRequest request, std::string type) {
    request.headers = {{"content-type", std::move(type)}};
    return desk.handle(request, client(1, kAlice)).status;
  };
  const HttpRequest binary = post("/v1/register", proven(kAliceKey, client(1, kAlice)));
  EXPECT_EQ(status(binary, "application/protobuf"), 200);
  EXPECT_EQ(status(binary, "application/x-protobuf"), 200);
  EXPECT_EQ(status(binary, "Application/Protobuf; charset=binary"), 200);
  EXPECT_EQ(status(post_json("/v1/register", kReferenceBody), "application/json; charset=utf-8"), 200);
  EXPECT_EQ(status(binary, "text/plain"), 415);
  EXPECT_EQ(status(binary, ""), 415);
  HttpRequest untyped = binary;
  untyped.headers.clear();
  EXPECT_EQ(desk.handle(untyped, client(1, kAlice)).status, 415);
  HttpRequest packed = binary;
  packed.headers.push_back({"content-encoding", "gzip"});
  EXPECT_EQ(desk.handle(packed, client(1, kAlice)).status, 415);
}

TEST(Http, AnswersInTheRequestsFormatUnlessAnotherIsAskedFor) {
  Desk desk;
  HttpRequest request = post("/v1/register", proven(kAliceKey, client(1, kAlice)));
  request.headers.push_back({"accept", "text/html, application/json;q=0.9"});
  EXPECT_EQ(header(desk.handle(request, client(1, kAlice)), "content-type"), "application/json");
  request.headers.back().value = "*/*";
  EXPECT_EQ(header(desk.handle(request, client(1, kAlice)), "content-type"), "application/protobuf");
  HttpRequest info{.path = "/v1/info"};
  EXPECT_EQ(header(desk.handle(info, client(1, kAlice)), "content-type"), "application/json");
  info.headers = {{"accept", "application/x-protobuf"}};
  EXPECT_EQ(header(desk.handle(info, client(1, kAlice)), "content-type"), "application/protobuf");
}

TEST(Http, TellsAboutTheRelay) {
  ServiceOptions options;
  options.software = "quicket-relay 9";
  options.public_addresses = {kRelay};
  options.tokens = {"secret"};
  options.run = "r1";
  Desk desk(options);
  const HttpResponse response =
      desk.handle({.path = "/v1/info", .headers = {{"accept", "application/protobuf"}}}, client(1, kAlice));
  ASSERT_EQ(response.status, 200);
  const auto info = body<v1::Info>(response);
  EXPECT_EQ(info.software(), "quicket-relay 9");
  EXPECT_EQ(info.connection_id_length(), 12u);
  ASSERT_EQ(info.schedules_size(), 1);
  EXPECT_EQ(info.schedules(0), 1u);
  EXPECT_EQ(info.lease_seconds(), 120u);
  EXPECT_EQ(info.limits().window(), 256u);
  EXPECT_EQ(info.capacity(), small_limits().ids);
  EXPECT_EQ(info.public_addresses_size(), 1);
  EXPECT_TRUE(info.token_required());
  EXPECT_EQ(info.run(), "r1");
}

TEST(Http, KnowsItsPathsAndTheirMethods) {
  Desk desk;
  const auto ask = [&](std::string method, std::string path) {
    return desk.handle({.method = std::move(method), .path = std::move(path)}, client(1, kAlice));
  };
  for (const char* path : {"/", "", "/v1", "/v1/register/", "/v2/register", "/v1/INFO"})
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  EXPECT_EQ(ask("GET", "/v1/info?x=y").status, 200);
  EXPECT_EQ(ask("GET", "/v1/register").status, 405);
  EXPECT_EQ(header(ask("GET", "/v1/register"), "allow"), "POST");
  EXPECT_EQ(header(ask("PUT", "/v1/release"), "allow"), "POST");
  EXPECT_EQ(header(ask("POST", "/v1/info"), "allow"), "GET");
}

TEST(Http, RefusesABodyOverItsLimit) {
  ServiceOptions options;
  options.body_bytes = 1000;
  Desk desk(options);
  HttpRequest request = post_json("/v1/register", "{" + std::string(999, ' '));
  EXPECT_EQ(desk.handle(request, client(1, kAlice)).status, 400);
  request.body.push_back(std::byte{' '});
  EXPECT_EQ(desk.handle(request, client(1, kAlice)).status, 413);
}

TEST(Http, RefusesRequestsOfOtherSitesPages) {
  Desk desk;
  HttpRequest request = post_json("/v1/register", kReferenceBody);
  request.headers = {{"sec-fetch-site", "cross-site"}};
  EXPECT_EQ(desk.handle(request, client(1, kAlice)).status, 403);
  request.headers = {{"sec-fetch-site", "same-origin"}};
  EXPECT_EQ(desk.handle(request, client(1, kAlice)).status, 200);
}

TEST(Http, WritesProblemsWithAllTheirFieldsInBothFormats) {
  Desk desk;
  const HttpResponse as_json = desk.handle({.path = "/nowhere"}, client(1, kAlice));
  EXPECT_EQ(header(as_json, "content-type"), "application/problem+json");
  EXPECT_EQ(json(as_json).at("type").as_string(), "quicket:not-found");
  EXPECT_EQ(json(as_json).at("status").as_int64(), 404);
  EXPECT_FALSE(json(as_json).at("title").as_string().empty());
  EXPECT_FALSE(json(as_json).at("detail").as_string().empty());
  const HttpResponse binary =
      desk.handle({.path = "/nowhere", .headers = {{"accept", "application/protobuf"}}}, client(1, kAlice));
  EXPECT_EQ(header(binary, "content-type"), "application/protobuf");
  EXPECT_EQ(body<v1::Problem>(binary).type(), "quicket:not-found");
}

TEST(Http, CountsItsResponses) {
  Desk desk;
  desk.handle({.path = "/v1/info"}, client(1, kAlice));
  desk.handle({.path = "/nowhere"}, client(1, kAlice));
  desk.handle({.path = "/nowhere"}, client(1, kAlice));
  EXPECT_EQ(desk.service.counters().requests, 3u);
  EXPECT_EQ(desk.service.counters().responses.at(200), 1u);
  EXPECT_EQ(desk.service.counters().responses.at(404), 2u);
}

TEST(Http, AnswersRandomBodiesWithoutGrantingThem) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  Desk desk;
  const Bytes binary = post("/v1/register", unproven(kAliceKey, kSession)).body;
  const Bytes text =
      to_bytes(as_bytes(R"({"key":"AAECAwQFBgc=","num":10,"first":1,"session":"c3Nzc3Nzc3Nzc3Nzc3Nzcw=="})"));
  for (int round = 0; round < 5000; ++round) {
    const bool as_json = pick(2) == 0;
    HttpRequest request{
        .method = "POST", .path = pick(2) == 0 ? "/v1/register" : "/v1/release", .body = as_json ? text : binary};
    request.headers = {{"content-type", as_json ? "application/json" : "application/protobuf"}};
    for (std::size_t flips = 1 + pick(8); flips > 0; --flips)
      request.body[pick(request.body.size())] = std::byte(pick(256));
    const int status = desk.handle(request, client(1, kAlice)).status;
    ASSERT_TRUE(status == 200 || (status >= 400 && status < 500)) << status;
  }
  EXPECT_EQ(desk.find(kAliceKey), std::nullopt);
}

}  // namespace
}  // namespace quicket::relay
