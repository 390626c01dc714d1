// Our client and our server with each other.
#include "tests/transports/http3/world.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using namespace test;

struct Exchange : testing::Test {
  Wire wire;
};

TEST_F(Exchange, BringsARequestToTheServerAndItsAnswerBack) {
  TestServer server(wire);
  TestClient client(wire);
  HttpRequest request = post("/v1/register?a=b", bytes_of(3, 500));
  request.headers = {{"content-type", "application/protobuf"}};
  const HttpResponse response = client.fetch(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(find_header(response.headers, "x-path"), "/v1/register?a=b");
  EXPECT_EQ(find_header(response.headers, "content-length"), "500");
  EXPECT_EQ(response.body, bytes_of(3, 500));

  const auto arrived = server.events_of<Http3Server::RequestArrived>();
  ASSERT_EQ(arrived.size(), 1u);
  EXPECT_EQ(arrived[0].request.method, "POST");
  EXPECT_EQ(arrived[0].request.authority, "relay.test");
  EXPECT_EQ(find_header(arrived[0].request.headers, "content-type"), "application/protobuf");
}

TEST_F(Exchange, TakesTwoRoundTripsFromTheFirstPacketToTheAnswer) {
  TestServer server(wire);
  TestClient client(wire);
  const TimePoint start = wire.now;
  EXPECT_EQ(client.fetch(get("/")).status, 200);
  EXPECT_LE(wire.now - start, 4 * wire.latency + 2ms);
}

TEST_F(Exchange, KeepsManyRequestsInFlightAtOnce) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/warm")).status, 200);
  const TimePoint start = wire.now;
  std::vector<RequestId> ids;
  for (int i = 0; i < 60; ++i)
    ids.push_back(client.client->request(post("/" + std::to_string(i), bytes_of(1, 3000)), wire.now).value());
  ASSERT_TRUE(wire.run_until([&] { return client.responses.size() == 61; }));
  EXPECT_LT(wire.now - start, 30 * wire.latency);  // 60 one after the other would take 120
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(find_header(client.responses[ids[i]].headers, "x-path"), "/" + std::to_string(i));
    EXPECT_EQ(client.responses[ids[i]].body.size(), 3000u);
  }
}

TEST_F(Exchange, SurvivesTheLossOfAnySingleDatagram) {
  for (std::size_t lost = 0; lost < 24; ++lost) {
    Wire lossy;
    lossy.drop = [lost](std::size_t number) { return number == lost; };
    TestServer server(lossy);
    TestClient client(lossy);
    EXPECT_EQ(client.fetch(post("/", bytes_of(1, 4000))).status, 200) << "lost datagram " << lost;
  }
}

TEST_F(Exchange, SurvivesEveryFifthDatagramLost) {
  wire.drop = [](std::size_t number) { return number % 5 == 3; };
  TestServer server(wire);
  TestClient client(wire);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.fetch(post("/", bytes_of(1, 20'000))).status, 200);
}

TEST_F(Exchange, CarriesALargeBodyBothWays) {
  TestServer server(wire);
  TestClient client(wire);
  const HttpResponse response = client.fetch(post("/", bytes_of(9, 64 * 1024)));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), 64u * 1024);
}

TEST_F(Exchange, AnswersHeadWithoutABody) {
  TestServer server(wire);
  server.handler = [](const HttpRequest&) { return HttpResponse{.status = 200, .body = bytes_of(1, 40)}; };
  TestClient client(wire);
  HttpRequest request = get("/");
  request.method = "HEAD";
  const HttpResponse response = client.fetch(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(find_header(response.headers, "content-length"), "40");
  EXPECT_TRUE(response.body.empty());
}

TEST_F(Exchange, GivesBothSidesTheSameExporterValue) {
  TestServer server(wire);
  TestClient client(wire);
  EXPECT_EQ(client.client->exporter("EXPORTER-quicket-register", 32).error(), make_error_code(Errc::kUnsupported));
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  const auto opened = server.events_of<Http3Server::ConnectionOpened>();
  ASSERT_EQ(opened.size(), 1u);
  const auto at_server = server.server->exporter(opened[0].connection, "EXPORTER-quicket-register", 32);
  const auto at_client = client.client->exporter("EXPORTER-quicket-register", 32);
  ASSERT_TRUE(at_server && at_client);
  EXPECT_EQ(*at_server, *at_client);
  EXPECT_EQ(at_server->size(), 32u);
}

TEST_F(Exchange, TellsTheServerTheClientsPath) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  const auto opened = server.events_of<Http3Server::ConnectionOpened>();
  ASSERT_EQ(opened.size(), 1u);
  const AddressPair expected{.local = kServerAddress, .remote = client.address};
  EXPECT_EQ(opened[0].path, expected);
  EXPECT_EQ(server.server->path(opened[0].connection), expected);
  EXPECT_GT(client.client->statistics().smoothed_rtt, 15ms);
}

TEST_F(Exchange, UsesOnlyConnectionIdsWithTheTopBitSet) {
  bool all_set = true;
  wire.observe = [&](const Received& received) {
    const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
    all_set = all_set && header && !header->destination.belongs_to_peer() &&
              (header->form == HeaderForm::kShort || !header->source.belongs_to_peer());
  };
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(post("/", bytes_of(1, 30'000))).status, 200);
  EXPECT_TRUE(all_set);
}

TEST_F(Exchange, AnswersHeadersOverTheLimitWith431) {
  Http3ServerConfig config = server_config();
  config.limits.header_bytes = 2000;
  TestServer server(wire, config);
  TestClient client(wire);
  HttpRequest request = get("/");
  request.headers = {{"x-long", std::string(3000, 'a')}};
  EXPECT_EQ(client.fetch(request).status, 431);
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
  EXPECT_EQ(server.server->counters().refused_requests, 1u);
  EXPECT_EQ(client.fetch(get("/")).status, 200);  // the connection goes on
}

TEST_F(Exchange, CountsManySmallHeadersTowardsTheLimit) {
  Http3ServerConfig config = server_config();
  config.limits.header_bytes = 2000;
  TestServer server(wire, config);
  TestClient client(wire);
  HttpRequest request = get("/");
  for (int i = 0; i < 60; ++i) request.headers.push_back({"a", "b"});
  EXPECT_EQ(client.fetch(request).status, 431);
}

TEST_F(Exchange, AnswersABodyOverTheLimitWith413) {
  TestServer server(wire);
  TestClient client(wire);
  EXPECT_EQ(client.fetch(post("/", bytes_of(1, 64 * 1024 + 1))).status, 413);
  EXPECT_EQ(client.fetch(post("/", bytes_of(1, 900'000))).status, 413);
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
  EXPECT_EQ(client.fetch(get("/")).status, 200);
}

TEST_F(Exchange, RefusesAResponseOverTheClientsLimit) {
  TestServer server(wire);
  server.handler = [](const HttpRequest&) { return HttpResponse{.status = 200, .body = bytes_of(1, 30'000)}; };
  Http3ClientConfig config = client_config();
  config.limits.body_bytes = 20'000;
  TestClient client(wire, 1000, config);
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return client.failures.contains(id); }));
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kHttpTooLarge));
  EXPECT_FALSE(client.client->is_closed());
}

TEST_F(Exchange, FailsARequestAtItsDeadlineAndTellsTheServer) {
  TestServer server(wire);
  server.handler = [](const HttpRequest&) { return std::nullopt; };
  TestClient client(wire);
  const TimePoint start = wire.now;
  const RequestId id = client.client->request(get("/"), wire.now, 500ms).value();
  ASSERT_TRUE(wire.run_until([&] { return client.failures.contains(id); }));
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kHttpDeadline));
  EXPECT_EQ(wire.now - start, 500ms);
  ASSERT_TRUE(wire.run_until([&] { return !server.events_of<Http3Server::RequestCancelled>().empty(); }, 1s));
  const RequestId at_server = server.events_of<Http3Server::RequestArrived>()[0].id;
  EXPECT_EQ(server.server->respond(at_server, {}, wire.now).error(), make_error_code(Errc::kStreamUnknown));
}

TEST_F(Exchange, FailsAWaitingRequestAtItsDeadline) {
  TestClient client(wire);  // and no server
  const TimePoint start = wire.now;
  const RequestId id = client.client->request(get("/"), wire.now, 2s).value();
  ASSERT_TRUE(wire.run_until([&] { return client.failures.contains(id); }));
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kHttpDeadline));
  EXPECT_EQ(wire.now - start, 2s);
}

TEST_F(Exchange, CancelsWithoutAnEvent) {
  TestServer server(wire);
  server.handler = [](const HttpRequest&) { return std::nullopt; };
  TestClient client(wire);
  const RequestId sent = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return !server.events_of<Http3Server::RequestArrived>().empty(); }));
  client.client->cancel(sent, wire.now);
  ASSERT_TRUE(wire.run_until([&] { return !server.events_of<Http3Server::RequestCancelled>().empty(); }, 1s));
  EXPECT_TRUE(client.failures.empty() && client.responses.empty());
}

TEST_F(Exchange, BoundsTheClientsQueue) {
  Http3ClientConfig config = client_config();
  config.queue = 3;
  TestClient client(wire, 1000, config);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.client->request(get("/"), wire.now));
  EXPECT_EQ(client.client->request(get("/"), wire.now).error(), make_error_code(Errc::kWouldBlock));
}

TEST_F(Exchange, RefusesFieldsThatMayNotGoOnTheWire) {
  TestClient client(wire);
  const auto error_for = [&](HttpHeader field) {
    HttpRequest request = get("/");
    request.headers = {std::move(field)};
    return client.client->request(request, wire.now).has_error();
  };
  EXPECT_TRUE(error_for({"Upper", "a"}));
  EXPECT_TRUE(error_for({":path", "/other"}));
  EXPECT_TRUE(error_for({"x", "a\r\nb"}));
  EXPECT_TRUE(error_for({"", "a"}));
  EXPECT_TRUE(error_for({"connection", "close"}));
  EXPECT_FALSE(error_for({"x", ""}));
}

TEST_F(Exchange, StaysAliveByItsOwnPings) {
  TestServer server(wire);
  Http3ClientConfig config = client_config();
  config.keep_alive = 10s;
  TestClient client(wire, 1000, config);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  wire.run_for(5min);
  EXPECT_FALSE(client.client->is_closed());
  EXPECT_EQ(client.fetch(get("/")).status, 200);
}

TEST_F(Exchange, EndsAfterTheIdleTimeoutOnBothSides) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  wire.run_for(40s);
  ASSERT_TRUE(client.close_reason);
  EXPECT_EQ(client.close_reason->kind, quic::CloseReason::Kind::kIdle);
  EXPECT_EQ(server.server->connections(), 0u);
  EXPECT_EQ(server.events_of<Http3Server::ConnectionClosed>().size(), 1u);
  EXPECT_EQ(server.server->deadline(), std::nullopt);  // nothing is left behind
}

TEST_F(Exchange, ClosingTheClientEndsTheServersConnectionToo) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  client.client->close(wire.now);
  EXPECT_EQ(client.client->request(get("/"), wire.now).error(), make_error_code(Errc::kConnectionClosed));
  ASSERT_TRUE(wire.run_until([&] { return server.server->connections() == 0; }, 1s));
  wire.run_for(2s);
  EXPECT_TRUE(client.client->is_finished(wire.now));
}

TEST_F(Exchange, FailsWaitingRequestsWithTheReasonWhenTheCertificateIsRefused) {
  TestServer server(wire);
  Http3ClientConfig config = client_config();
  config.verify = [](const quic::PeerCertificate&) -> Result<void> { return make_error_code(Errc::kRelayPinMismatch); };
  TestClient client(wire, 1000, config);
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return client.close_reason.has_value(); }));
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kRelayPinMismatch));
  ASSERT_TRUE(wire.run_until([&] { return server.server->half_open() == 0; }, 1s));
  EXPECT_TRUE(server.events_of<Http3Server::ConnectionOpened>().empty());
}

}  // namespace
}  // namespace quicket::transports
