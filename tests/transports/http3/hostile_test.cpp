// What our server and client do about the other side's broken or malicious HTTP/3.
#include "tests/transports/http3/raw.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace quicket::transports {
namespace {

using namespace test;

constexpr std::uint64_t kQpackDecompressionFailed = 0x200, kQpackEncoderStreamError = 0x201;

struct Hostile : testing::Test {
  Hostile() { connected = client.connect(); }

  // Whether the server still answers others, and this one.
  void expect_alive() {
    EXPECT_FALSE(client.connection->is_closed());
    TestClient other(wire, 1500);
    EXPECT_EQ(other.fetch(get("/")).status, 200);
  }
  bool was_reset(quic::StreamId id, Http3Code code) {
    wire.run_for(1s);
    for (const auto& event : client.events_of<quic::StreamReset>()) {
      if (event.id == id) return event.code == wire_code(code);
    }
    return false;
  }
  static std::uint64_t wire_code(Http3Code code) { return transports::wire(code); }

  Wire wire;
  TestServer server{wire};
  RawEnd client{wire};
  bool connected = false;
};

TEST_F(Hostile, AWellFormedRawRequestIsAnswered) {
  client.uni(raw({0}) + settings());
  const auto id = client.request(headers());
  wire.run_for(1s);
  EXPECT_EQ(server.events_of<Http3Server::RequestArrived>().size(), 1u);
  EXPECT_FALSE(client.received[id].empty());
}

TEST_F(Hostile, AControlStreamWithoutSettingsEndsTheConnection) {
  client.uni(raw({0}) + frame(7, raw({0})));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kMissingSettings));
}

TEST_F(Hostile, SettingsTwiceEndTheConnection) {
  client.uni(raw({0}) + settings() + settings());
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kFrameUnexpected));
}

TEST_F(Hostile, SettingsOfHttp2EndTheConnection) {
  client.uni(raw({0}) + frame(4, raw({0x02, 0x01})));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kSettingsError));
}

TEST_F(Hostile, EndingTheControlStreamEndsTheConnection) {
  client.uni(raw({0}) + settings(), true);
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kClosedCriticalStream));
}

TEST_F(Hostile, ResettingTheControlStreamEndsTheConnection) {
  const auto id = client.uni(raw({0}) + settings());
  wire.run_for(100ms);
  client.connection->reset(id, wire_code(Http3Code::kNoError));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kClosedCriticalStream));
}

TEST_F(Hostile, TwoControlStreamsEndTheConnection) {
  client.uni(raw({0}) + settings());
  client.uni(raw({0}) + settings());
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kStreamCreationError));
}

TEST_F(Hostile, APushStreamFromAClientEndsTheConnection) {
  client.uni(raw({1, 0}));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kStreamCreationError));
}

TEST_F(Hostile, AStreamOfUnknownTypeIsOnlyStopped) {
  client.uni(raw({0x21, 1, 2, 3}));
  wire.run_for(1s);
  expect_alive();
}

TEST_F(Hostile, DataBeforeHeadersEndTheConnection) {
  client.request(frame(0, raw({'a'})));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kFrameUnexpected));
}

TEST_F(Hostile, FramesOfHttp2EndTheConnection) {
  client.request(frame(2, raw({1, 2, 3, 4, 5})));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kFrameUnexpected));
}

TEST_F(Hostile, AFrameOfUnknownTypeIsIgnored) {
  const auto id = client.request(frame(0x21, raw({1, 2, 3})) + headers());
  wire.run_for(1s);
  EXPECT_FALSE(client.received[id].empty());
  expect_alive();
}

TEST_F(Hostile, ATruncatedFrameEndsTheConnection) {
  client.request(raw({1, 40, 0, 0, 0xd1}));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kFrameError));
}

TEST_F(Hostile, AReferenceIntoTheDynamicTableEndsTheConnection) {
  client.request(headers(raw({0x02, 0x00, 0x80})));
  EXPECT_EQ(client.close_code(), kQpackDecompressionFailed);
}

TEST_F(Hostile, InsertionsIntoATableOfNoCapacityEndTheConnection) {
  client.uni(raw({2, 0xc0, 0x01, 'a'}));
  EXPECT_EQ(client.close_code(), kQpackEncoderStreamError);
}

TEST_F(Hostile, AGoAwayFromAClientDoesNoHarm) {
  client.uni(raw({0}) + settings() + frame(7, raw({0})));
  wire.run_for(1s);
  expect_alive();
}

TEST_F(Hostile, ARequestWithoutAPathIsResetAlone) {
  const auto id = client.request(headers(raw({0x00, 0x00, 0xd1, 0xd7})));
  EXPECT_TRUE(was_reset(id, Http3Code::kMessageError));
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
  expect_alive();
}

TEST_F(Hostile, ABodyOfAnotherLengthThanStatedEndsTheConnection) {
  const Bytes length_five = raw({0x54, 0x01, '5'});  // content-length: 5
  client.request(headers(kGetFields + length_five) + frame(0, raw({'a'})));
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kMessageError));
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
}

TEST_F(Hostile, ARequestWithoutAnyFrameIsNotDelivered) {
  client.request({});
  wire.run_for(1s);
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
}

TEST_F(Hostile, ARequestThatNeverEndsIsAnsweredWith408) {
  const auto id = client.request(headers(), false);
  wire.run_for(9s);
  EXPECT_EQ(server.server->counters().refused_requests, 0u);
  wire.run_for(2s);
  EXPECT_EQ(server.server->counters().refused_requests, 1u);
  EXPECT_FALSE(client.received[id].empty());
  EXPECT_TRUE(server.events_of<Http3Server::RequestArrived>().empty());
  expect_alive();
}

TEST_F(Hostile, AStreamThatNeverSaysAnythingIsGivenUp) {
  const auto id = client.request(raw({1}), false);
  EXPECT_FALSE(was_reset(id, Http3Code::kRequestIncomplete));
  wire.run_for(11s);
  EXPECT_EQ(server.server->counters().refused_requests, 1u);
  expect_alive();
}

TEST_F(Hostile, MoreRequestsAtOnceThanAllowedCannotBeOpened) {
  std::size_t opened = 0;
  while (client.connection->open_stream(quic::Direction::kBidirectional)) ++opened;
  EXPECT_EQ(opened, HttpLimits{}.requests);
}

TEST_F(Hostile, CancellingRequestsWithoutEndEndsTheConnection) {
  std::size_t cancelled = 0;
  while (!client.connection->is_closed() && cancelled < 1000) {
    while (const auto id = client.connection->open_stream(quic::Direction::kBidirectional)) {
      ASSERT_TRUE(client.connection->write(*id, headers()));
      client.connection->reset(*id, wire_code(Http3Code::kRequestCancelled));
      client.connection->stop_sending(*id, wire_code(Http3Code::kRequestCancelled));
      ++cancelled;
    }
    wire.run_for(50ms);
  }
  EXPECT_LT(cancelled, 300u);
  EXPECT_EQ(client.close_code(), wire_code(Http3Code::kExcessiveLoad));
}

TEST_F(Hostile, RandomBytesOnStreamsNeverHarmTheServer) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (std::uint16_t round = 0; round < 150; ++round) {
    RawEnd attacker(wire, static_cast<std::uint16_t>(3000 + round));
    ASSERT_TRUE(attacker.connect());
    for (int i = 0; i < 12; ++i) {
      static const std::vector<Bytes> kStarts = {{},       raw({0}),  raw({0}) + settings(), raw({2}),
                                                 raw({3}), headers(), raw({1, 30, 0, 0})};
      Bytes bytes = kStarts[random() % kStarts.size()];
      for (std::size_t n = random() % 60; n > 0; --n)
        bytes.push_back(std::byte(random() % 3 ? random() % 8 : random()));
      const auto direction = random() % 2 ? quic::Direction::kBidirectional : quic::Direction::kUnidirectional;
      const auto id = attacker.connection->open_stream(direction);
      if (!id || !attacker.connection->write(*id, bytes, random() % 2)) break;
      if (random() % 8 == 0) attacker.connection->reset(*id, random());
    }
    wire.run_for(100ms);
  }
  TestClient other(wire, 1500);
  EXPECT_EQ(other.fetch(get("/")).status, 200);
}

// HostileServer is the same the other way round.
struct HostileServer : testing::Test {
  bool connect() {
    return server.connect() && wire.run_until([&] { return client.client->is_ready(); });
  }
  // Answers the client's only request with these bytes.
  RequestId answer(const Bytes& bytes) {
    const RequestId id = client.client->request(get("/"), wire.now).value();
    wire.run_until([&] { return !server.received[0].empty(); });
    EXPECT_TRUE(server.connection->write(0, bytes, true));
    return id;
  }

  Wire wire;
  RawEnd server{wire, RawEnd::Server{}};
  TestClient client{wire};
};

TEST_F(HostileServer, AnInterimResponseIsPassedOver) {
  ASSERT_TRUE(connect());
  const RequestId id = answer(headers(raw({0, 0, 0xd8})) + headers(raw({0, 0, 0xd9})));  // 103, then 200
  wire.run_for(1s);
  EXPECT_EQ(client.responses[id].status, 200);
}

TEST_F(HostileServer, ServerPushIsRefused) {
  ASSERT_TRUE(connect());
  server.uni(raw({1, 0}) + headers());
  ASSERT_TRUE(server.close_code());
  EXPECT_TRUE(client.close_reason);
}

TEST_F(HostileServer, APushPromiseIsRefused) {
  ASSERT_TRUE(connect());
  const RequestId id = answer(frame(5, raw({0}) + kGetFields) + headers(raw({0, 0, 0xd9})));
  ASSERT_TRUE(server.close_code());
  EXPECT_TRUE(client.failures.contains(id));
}

TEST_F(HostileServer, AResponseWithoutAStatusFailsItsRequestAlone) {
  ASSERT_TRUE(connect());
  const RequestId id = answer(headers(raw({0, 0, 0x54, 0x01, '0'})));
  wire.run_for(1s);
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kHttpMalformed));
  EXPECT_FALSE(client.client->is_closed());
}

TEST_F(HostileServer, AResetFailsItsRequestAlone) {
  ASSERT_TRUE(connect());
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return !server.received[0].empty(); }));
  server.connection->reset(0, transports::wire(Http3Code::kRequestRejected));
  wire.run_for(1s);
  EXPECT_EQ(client.failures[id], make_error_code(Errc::kHttpGoingAway));
  EXPECT_FALSE(client.client->is_closed());
}

TEST_F(HostileServer, AGrowingGoAwayEndsTheConnection) {
  ASSERT_TRUE(connect());
  const auto control = server.uni(raw({0}) + settings() + frame(7, raw({4})));
  ASSERT_TRUE(wire.run_until([&] { return client.going_away; }, 1s));
  ASSERT_TRUE(server.connection->write(control, frame(7, raw({8}))));
  EXPECT_EQ(server.close_code(), transports::wire(Http3Code::kIdError));
}

}  // namespace
}  // namespace quicket::transports
