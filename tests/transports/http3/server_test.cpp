#include "transports/http3/server.hpp"

#include "core/quic/initial.hpp"
#include "tests/transports/http3/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>

namespace quicket::transports {
namespace {

using namespace test;

struct Server : testing::Test {
  // Hands the server one datagram of these bytes and counts the bytes that come back.
  std::size_t answered(TestServer& server, const Bytes& bytes, std::uint16_t from = 5000) {
    struct Counter : DatagramSink {
      std::size_t bytes = 0;
      void send(const AddressPair&, const Batch& batch) override { bytes += batch.bytes.size(); }
    } counter;
    server.server->receive({.addresses = {.local = kServerAddress, .remote = client_address(from)}, .bytes = bytes},
                           wire.now);
    server.server->transmit(counter, wire.now);
    return counter.bytes;
  }

  // The first datagram of a client that never goes on.
  Bytes first_datagram() {
    struct Keeper : DatagramSink {
      Bytes bytes;
      void send(const AddressPair&, const Batch& batch) override { bytes = to_bytes(batch.bytes); }
    } keeper;
    const auto client =
        Http3Client::create(client_config(), {.local = client_address(1), .remote = kServerAddress}, wire.now).value();
    client->transmit(keeper, wire.now);
    return keeper.bytes;
  }

  static Bytes short_header(std::uint8_t first_of_id, std::size_t size = 100) {
    Bytes bytes(size, std::byte{0x55});
    bytes[0] = std::byte{0x40};
    bytes[1] = std::byte(first_of_id);
    return bytes;
  }

  Wire wire;
};

TEST_F(Server, RefusesAConfigurationWithoutCredentialsOrSecret) {
  Http3ServerConfig config = server_config();
  config.credentials = nullptr;
  EXPECT_FALSE(Http3Server::create(config));
  config = server_config();
  config.reset_secret = bytes_of(1, 31);
  EXPECT_FALSE(Http3Server::create(config));
}

TEST_F(Server, ServesManyClientsAtOnce) {
  TestServer server(wire);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::uint16_t i = 0; i < 100; ++i)
    clients.push_back(std::make_unique<TestClient>(wire, static_cast<std::uint16_t>(1000 + i)));
  std::vector<RequestId> ids;
  for (const auto& client : clients)
    ids.push_back(client->client->request(post("/", bytes_of(1, 5000)), wire.now).value());
  wire.run_for(2s);
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i]->responses[ids[i]].body.size(), 5000u);
  EXPECT_EQ(server.server->connections(), 100u);
  EXPECT_EQ(server.server->half_open(), 0u);
}

TEST_F(Server, EndsClientsOfTheTimeBeforeItsRestartByAReset) {
  auto server = std::make_unique<TestServer>(wire);
  Http3ClientConfig config = client_config();
  config.keep_alive = 5s;
  TestClient client(wire, 1000, config);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  server = nullptr;
  TestServer restarted(wire);
  const TimePoint start = wire.now;
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return client.close_reason.has_value(); }));
  EXPECT_EQ(client.close_reason->kind, quic::CloseReason::Kind::kReset);
  EXPECT_LE(wire.now - start, 2 * wire.latency + 1ms);
  EXPECT_TRUE(client.failures.contains(id));
  EXPECT_GT(restarted.server->counters().resets, 0u);
}

TEST_F(Server, CannotResetWithAnotherSecret) {
  auto server = std::make_unique<TestServer>(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  server = nullptr;
  Http3ServerConfig other = server_config();
  other.reset_secret = bytes_of(99);
  TestServer stranger(wire, other);
  static_cast<void>(client.client->request(get("/"), wire.now));
  wire.run_for(2s);
  EXPECT_FALSE(client.close_reason);
  EXPECT_GT(stranger.server->counters().resets, 0u);
}

TEST_F(Server, NeverAnswersPacketsForPeersIds) {
  TestServer server(wire);
  EXPECT_EQ(answered(server, short_header(0x7f)), 0u);
  EXPECT_EQ(server.server->counters().dropped, 1u);
  EXPECT_GT(answered(server, short_header(0x80)), 0u);
}

TEST_F(Server, ResetsAreSmallerThanTheirCauseAndRare) {
  Http3ServerConfig config = server_config();
  config.resets_per_second = 5;
  TestServer server(wire, config);
  for (std::size_t size = 22; size < 122; ++size) EXPECT_LT(answered(server, short_header(0x90, size)), size);
  EXPECT_EQ(server.server->counters().resets, 5u);
  EXPECT_EQ(server.server->counters().resets_withheld, 95u);
  wire.now += 1s;
  EXPECT_GT(answered(server, short_header(0x90)), 0u);
}

TEST_F(Server, NegotiatesAVersionWithWhoeverSpeaksAnother) {
  TestServer server(wire);
  Bytes datagram = first_datagram();
  datagram[4] = std::byte{9};
  EXPECT_GT(answered(server, datagram), 0u);
  EXPECT_EQ(server.server->counters().version_negotiations, 1u);
  EXPECT_EQ(answered(server, Bytes(datagram.begin(), datagram.begin() + 1199)), 0u);
  EXPECT_EQ(server.server->connections(), 0u);
}

TEST_F(Server, RefusesConnectionsOverItsLimit) {
  Http3ServerConfig config = server_config();
  config.max_connections = 3;
  TestServer server(wire, config);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::uint16_t i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(wire, static_cast<std::uint16_t>(1000 + i)));
    ASSERT_EQ(clients.back()->fetch(get("/")).status, 200);
  }
  TestClient late(wire, 1999);
  ASSERT_TRUE(wire.run_until([&] { return late.close_reason.has_value(); }));
  EXPECT_EQ(late.close_reason->error, make_error_code(Errc::kRefusedByPeer));
  EXPECT_EQ(server.server->connections(), 3u);
  EXPECT_EQ(clients[0]->fetch(get("/")).status, 200);
}

TEST_F(Server, RefusesConnectionsOverItsLimitForOneClientAndServesOthers) {
  Http3ServerConfig config = server_config();
  config.max_connections_per_client = 2;
  TestServer server(wire, config);
  auto first = std::make_unique<TestClient>(wire, 1001);
  TestClient second(wire, 1002);
  ASSERT_EQ(first->fetch(get("/")).status, 200);
  ASSERT_EQ(second.fetch(get("/")).status, 200);
  TestClient third(wire, 1003);
  ASSERT_TRUE(wire.run_until([&] { return third.close_reason.has_value(); }));
  EXPECT_EQ(third.close_reason->error, make_error_code(Errc::kRefusedByPeer));
  TestClient neighbour(wire, Address::parse("198.51.100.2:1003").value());
  EXPECT_EQ(neighbour.fetch(get("/")).status, 200);

  first->client->close(wire.now);
  ASSERT_TRUE(wire.run_until([&] { return server.server->connections() == 2; }));
  wire.run_for(1s);
  TestClient fourth(wire, 1004);
  EXPECT_EQ(fourth.fetch(get("/")).status, 200);
}

TEST_F(Server, ClosesThoseThatAreOneTooManyOnceTheirAddressIsValidated) {
  Http3ServerConfig config = server_config();
  config.max_connections_per_client = 2;
  TestServer server(wire, config);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::uint16_t i = 0; i < 5; ++i)
    clients.push_back(std::make_unique<TestClient>(wire, static_cast<std::uint16_t>(1000 + i)));
  wire.run_for(5s);
  const auto closed = std::ranges::count_if(clients, [](const auto& one) { return one->close_reason.has_value(); });
  EXPECT_EQ(closed, 3);
  EXPECT_EQ(server.server->connections(), 2u);
}

TEST_F(Server, CountsForgedFirstPacketsForNobody) {
  Http3ServerConfig config = server_config();
  config.max_connections_per_client = 1;
  TestServer server(wire, config);
  for (std::uint16_t i = 0; i < 20; ++i) answered(server, first_datagram(), static_cast<std::uint16_t>(6000 + i));
  TestClient honest(wire);
  EXPECT_EQ(honest.fetch(get("/")).status, 200);
}

TEST_F(Server, AsksForAProofOfAddressWhenTooManyAreHalfOpen) {
  Http3ServerConfig config = server_config();
  config.max_half_open = 0;
  TestServer server(wire, config);
  TestClient client(wire);
  EXPECT_EQ(client.fetch(get("/")).status, 200);
  EXPECT_EQ(server.server->counters().retries, 1u);
}

TEST_F(Server, StaysWithinItsBoundsUnderAFloodOfFirstPackets) {
  Http3ServerConfig config = server_config();
  config.max_half_open = 20;
  TestServer server(wire, config);
  for (std::uint16_t i = 0; i < 300; ++i)
    EXPECT_LE(answered(server, first_datagram(), static_cast<std::uint16_t>(6000 + i)), 1200u);
  EXPECT_EQ(server.server->half_open(), 20u);
  EXPECT_EQ(server.server->counters().retries, 280u);
  TestClient honest(wire);
  EXPECT_EQ(honest.fetch(get("/")).status, 200);
  wire.run_for(15s);
  EXPECT_EQ(server.server->half_open(), 0u);
}

TEST_F(Server, KeepsNothingOfAFirstPacketThatDoesNotDecrypt) {
  TestServer server(wire);
  Bytes datagram = first_datagram();
  datagram[600] ^= std::byte{1};
  EXPECT_EQ(answered(server, datagram), 0u);
  EXPECT_EQ(server.server->connections(), 0u);
  EXPECT_EQ(server.server->deadline(), std::nullopt);
  EXPECT_EQ(server.server->counters().dropped, 1u);
  EXPECT_EQ(server.server->counters().accepted, 0u);
}

TEST_F(Server, KeepsNothingOfAFirstPacketWithoutAClientHello) {
  TestServer server(wire);
  const Bytes datagram = first_datagram();
  const auto ids = quic::parse_initial_header(datagram).value();
  auto packet = quic::unprotect_initial(datagram, ids.destination, quic::Role::kClient).value();
  std::ranges::fill(MutableByteView(packet.bytes).subspan(packet.frames_offset), std::byte{0});  // PADDING
  packet.bytes[packet.frames_offset] = std::byte{1};                                             // PING
  const Bytes ping = quic::protect_initial(packet.bytes, ids.destination, quic::Role::kClient).value();
  ASSERT_EQ(ping.size(), datagram.size());
  EXPECT_EQ(answered(server, ping), 0u);
  EXPECT_EQ(server.server->connections(), 0u);
  EXPECT_EQ(server.server->counters().dropped, 1u);
  EXPECT_EQ(server.server->counters().accepted, 0u);
}

TEST_F(Server, FollowsAClientWhoseAddressChangesOnceThatIsValidated) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  const ConnectionHandle handle = server.events_of<Http3Server::ConnectionOpened>()[0].connection;
  const AddressPair before = *server.server->path(handle);
  const Address elsewhere = Address::parse("203.0.113.9:7777").value();
  wire.outer[client.address] = elsewhere;

  std::optional<AddressPair> when_challenged;  // nothing but the client's own proof moves it
  wire.observe = [&](const Received& received) {
    if (received.addresses.remote == kServerAddress && !when_challenged) when_challenged = server.server->path(handle);
  };
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until([&] { return client.responses.contains(id); }));
  EXPECT_EQ(when_challenged, before);
  wire.observe = nullptr;
  wire.run_for(1s);
  const auto changed = server.events_of<Http3Server::PathChanged>();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].path.remote, elsewhere);
  EXPECT_EQ(server.server->path(handle)->remote, elsewhere);
}

TEST_F(Server, KeepsThePathWhenACopyArrivesFromAnAddressThatNeverAnswers) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  const ConnectionHandle handle = server.events_of<Http3Server::ConnectionOpened>()[0].connection;
  const AddressPair before = *server.server->path(handle);
  wire.drop = [&](std::size_t) { return true; };
  static_cast<void>(client.client->request(get("/"), wire.now));
  Bytes copy;
  struct Keeper : DatagramSink {
    Bytes bytes;
    void send(const AddressPair&, const Batch& batch) override { bytes = to_bytes(batch.bytes); }
  } keeper;
  client.client->transmit(keeper, wire.now);
  ASSERT_FALSE(keeper.bytes.empty());
  answered(server, keeper.bytes, 7777);
  wire.drop = [](std::size_t) { return false; };
  wire.run_for(3s);
  EXPECT_EQ(server.server->path(handle), before);
  EXPECT_TRUE(server.events_of<Http3Server::PathChanged>().empty());
}

TEST_F(Server, DrainsAfterTheAnswersThatAreDue) {
  TestServer server(wire);
  server.handler = [](const HttpRequest&) { return std::nullopt; };
  TestClient client(wire), idle(wire, 1001);
  const RequestId id = client.client->request(get("/"), wire.now).value();
  ASSERT_TRUE(wire.run_until(
      [&] { return !server.events_of<Http3Server::RequestArrived>().empty() && idle.client->is_ready(); }));

  server.server->drain(wire.now);
  wire.run_for(1s);
  EXPECT_TRUE(client.going_away);
  EXPECT_FALSE(client.client->is_closed());
  EXPECT_FALSE(server.server->is_drained());
  EXPECT_TRUE(idle.client->is_closed());
  EXPECT_EQ(client.client->request(get("/"), wire.now).error(), make_error_code(Errc::kHttpGoingAway));

  const RequestId due = server.events_of<Http3Server::RequestArrived>()[0].id;
  ASSERT_TRUE(server.server->respond(due, {.status = 200}, wire.now));
  ASSERT_TRUE(wire.run_until([&] { return server.server->is_drained(); }, 2s));
  EXPECT_EQ(client.responses[id].status, 200);
  ASSERT_TRUE(wire.run_until([&] { return client.close_reason.has_value(); }, 1s));
  EXPECT_EQ(client.close_reason->code, transports::wire(Http3Code::kNoError));
}

TEST_F(Server, AnswersRequestsThatCrossItsFirstGoAway) {
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(get("/")).status, 200);
  const RequestId id = client.client->request(get("/late"), wire.now).value();
  server.server->drain(wire.now);
  wire.run_for(1s);
  EXPECT_EQ(client.responses[id].status, 200);
}

TEST_F(Server, RefusesNewConnectionsWhileItDrains) {
  TestServer server(wire);
  server.server->drain(wire.now);
  EXPECT_TRUE(server.server->is_drained());
  TestClient client(wire);
  ASSERT_TRUE(wire.run_until([&] { return client.close_reason.has_value(); }));
  EXPECT_EQ(client.close_reason->error, make_error_code(Errc::kRefusedByPeer));
}

TEST_F(Server, SurvivesRandomAndDamagedDatagrams) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::vector<Bytes> seen;
  wire.observe = [&](const Received& received) { seen.push_back(to_bytes(received.bytes)); };
  TestServer server(wire);
  TestClient client(wire);
  ASSERT_EQ(client.fetch(post("/", bytes_of(1, 5000))).status, 200);
  wire.observe = nullptr;
  for (int i = 0; i < 20'000; ++i) {
    Bytes datagram = random() % 4 ? seen[random() % seen.size()] : Bytes(random() % 1300);
    if (random() % 4 == 0) datagram.resize(random() % 1400);
    for (std::size_t n = random() % 20; n > 0 && !datagram.empty(); --n)
      datagram[random() % datagram.size()] = std::byte(random());
    const std::size_t sent = answered(server, datagram, static_cast<std::uint16_t>(5000 + random() % 50));
    ASSERT_LE(sent, 3 * std::max<std::size_t>(datagram.size(), 1200) + 16 * 1200);
    if (i % 100 == 0) wire.run_for(10ms);
  }
  EXPECT_LE(server.server->half_open(), server_config().max_half_open);
  TestClient honest(wire, 1001);
  EXPECT_EQ(honest.fetch(get("/")).status, 200);
}

}  // namespace
}  // namespace quicket::transports
