// RelayClient registers, extends, refreshes and releases at a real relay.
#include "tests/transports/relay/world.hpp"

#include "quicket/v1/registration.pb.h"

#include <gtest/gtest.h>

#include <random>

namespace quicket::transports {
namespace {

using namespace test;

struct RelayClientTest : testing::Test {
  // get_granted brings one registration to its first grant.
  void get_granted(TestPeer& peer, const Registration& wanted) {
    peer.hold(wanted);
    ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(wanted) == 1; }, 5s));
  }

  Wire wire;
  TestRelay relay{wire};
  const Registration one = registration(1);
};

TEST_F(RelayClientTest, RegistersInTwoRoundTrips) {
  TestPeer peer(wire, target_of(relay));
  const TimePoint start = wire.now;
  get_granted(peer, one);
  EXPECT_LE(wire.now - start, 4 * wire.latency + 2ms);
  const Granted granted = peer.all<Granted>(one).at(0);
  EXPECT_EQ(granted.observed, kHome);
  EXPECT_GE(granted.round_trip, 2 * wire.latency);
  EXPECT_LT(granted.round_trip, 2 * wire.latency + 5ms);
  EXPECT_EQ(relay.target_of(key_of(one)), kHome);
}

TEST_F(RelayClientTest, TakesOneRoundTripOnAWarmConnection) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, registration(2));
  wire.run_for(5min);
  const TimePoint start = wire.now;
  get_granted(peer, one);
  EXPECT_LE(wire.now - start, 2 * wire.latency + 2ms);
}

TEST_F(RelayClientTest, SendsTheRegistrationBeforeAPeersDatagram) {
  TestPeer peer(wire, target_of(relay));
  peer.on_report = [&](const TransportReport& report) {
    if (std::holds_alternative<Opened>(report)) peer.send(peer_datagram());  // at once, before anything else is sent
  };
  std::vector<bool> was_registered;  // when each peer's datagram came
  wire.observe = [&](const Received& received) {
    const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
    if (header && header->destination.belongs_to_peer()) was_registered.push_back(relay.registers > 0);
  };
  get_granted(peer, one);
  wire.run_for(1s);
  EXPECT_EQ(was_registered, std::vector<bool>{true});
  ASSERT_EQ(relay.peers.size(), 1u);
  EXPECT_EQ(relay.peers[0].first, kHome);
}

TEST_F(RelayClientTest, CountsWhatItDropsBeforeOpened) {
  TestPeer peer(wire, target_of(relay));
  const Bytes three = peer_datagram(600);
  peer.send(Batch{.bytes = three, .segment_size = 250});
  EXPECT_EQ(peer.client.statistics().dropped, 3u);
  get_granted(peer, one);
  peer.send(peer_datagram());
  EXPECT_EQ(peer.client.statistics().dropped, 3u);
  EXPECT_EQ(peer.client.statistics().sent, 1u);
}

TEST_F(RelayClientTest, SendsNothingMoreWhenAllIsReleased) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  peer.client.release(key_of(one), wire.now);
  wire.run_for(1s);
  peer.send(peer_datagram());
  wire.run_for(1s);
  EXPECT_TRUE(relay.peers.empty());
}

TEST_F(RelayClientTest, ExtendsAWindowAtOnceWithOneRequestInFlightPerKey) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  const std::size_t before = relay.registers;
  for (std::uint32_t num = 65; num <= 128; ++num) {
    peer.hold(registration(1, 1, num));
    wire.run_for(100us);
  }
  wire.run_for(1s);
  EXPECT_EQ(relay.registers, before + 2);  // the first, and what had come up meanwhile
  EXPECT_EQ(relay.find(key_of(one))->num, 128u);
  EXPECT_EQ(peer.all<Granted>(one).back().end, 129u);
}

TEST_F(RelayClientTest, SlidesAWindow) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  for (std::uint32_t first = 33; first <= 321; first += 32) {
    peer.hold(registration(1, first, 64));
    wire.run_for(200ms);
  }
  EXPECT_EQ(relay.find(key_of(one))->first, 321u);
  EXPECT_EQ(peer.all<Granted>(one).back().end, 385u);
}

TEST_F(RelayClientTest, RefreshesTwicePerLeaseOverHours) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  const std::size_t before = relay.registers;
  wire.run_for(6h);
  EXPECT_EQ(relay.target_of(key_of(one)), kHome);
  EXPECT_NEAR(static_cast<double>(relay.registers - before), 360, 4);
  EXPECT_EQ(peer.client.statistics().connections, 1u);
  EXPECT_EQ(peer.reports.size(), 2u);
}

TEST_F(RelayClientTest, ProvesEachKeyOnceOnAConnection) {
  TestPeer peer(wire, target_of(relay));
  const Registration two = registration(2, 1, 64, 2);
  get_granted(peer, one);
  get_granted(peer, two);
  wire.run_for(10min);
  std::map<std::string, int> proofs;
  for (const HttpRequest& request : relay.requests) {
    v1::RegisterRequest message;
    if (request.path == "/v1/register" &&
        message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size())) &&
        !message.proof().empty()) {
      ++proofs[message.key()];
    }
  }
  EXPECT_EQ(proofs.size(), 2u);
  for (const auto& [key, count] : proofs) EXPECT_EQ(count, 1);
}

TEST_F(RelayClientTest, BindsTheSessionToThePinThatItSaw) {
  RelayTarget target = target_of(relay);
  target.pins.insert(target.pins.begin(), RelayPin{});  // any of the list will do
  TestPeer peer(wire, target);
  get_granted(peer, one);
  EXPECT_EQ(relay.find(key_of(one))->session, relay_session_id(one.session, relay.pin(), ""));
}

TEST_F(RelayClientTest, DescribesWhereItReachedTheRelayAndWhatThatTold) {
  const Address other = Address::parse("[2001:db8::5]:4433").value();
  relay.options.public_addresses = {kRelayAddress, other, other};
  relay.options.require_peer_token = true;
  relay.options.peer_token_secret = bytes_of(9);
  relay.restart();
  TestPeer peer(wire, target_of(relay));
  const Registration two = registration(2, 1, 64, 2);
  get_granted(peer, one);
  get_granted(peer, two);
  const RelayHint hint = peer.client.hint();
  EXPECT_EQ(hint.addresses, (std::vector{kRelayAddress, other}));
  EXPECT_EQ(hint.pin, relay.pin());
  EXPECT_EQ(hint.host, "");
  ASSERT_FALSE(peer.all<Granted>(one).empty() || peer.all<Granted>(two).empty());
  EXPECT_FALSE(peer.all<Granted>(one)[0].peer_token.empty());
  EXPECT_NE(peer.all<Granted>(one)[0].peer_token, peer.all<Granted>(two)[0].peer_token);
}

TEST_F(RelayClientTest, PresentsThePeerToken) {
  relay.options.require_peer_token = true;
  relay.options.peer_token_secret = bytes_of(9);
  relay.restart();
  TestPeer dialer(wire, target_of(relay));
  TestPeer accepter(wire, target_of(relay), {}, kAway);
  get_granted(dialer, one);
  Registration uninvited = registration(2), invited = registration(3);
  accepter.hold(uninvited);
  invited.peer_token = dialer.all<Granted>(one).at(0).peer_token;
  accepter.hold(invited);
  wire.run_for(2s);
  ASSERT_EQ(accepter.count<Refused>(uninvited), 1u);
  EXPECT_TRUE(accepter.all<Refused>(uninvited)[0].final);
  EXPECT_EQ(accepter.count<Granted>(invited), 1u);
}

TEST_F(RelayClientTest, PresentsTheBearerToken) {
  relay.options.tokens = {"let me in"};
  relay.restart();
  TestPeer stranger(wire, target_of(relay), {}, kAway);
  stranger.hold(registration(2));
  wire.run_for(2s);
  ASSERT_EQ(stranger.count<Refused>(registration(2)), 1u);
  EXPECT_EQ(stranger.all<Refused>(registration(2))[0].why.code, make_error_code(Errc::kRelayRefused));
  EXPECT_TRUE(stranger.all<Refused>(registration(2))[0].final);

  RelayClientConfig config;
  config.bearer_token = "let me in";
  TestPeer peer(wire, target_of(relay), config);
  get_granted(peer, one);
}

TEST_F(RelayClientTest, IsRefusedForGoodWhenAnotherHoldsItsConnectionIds) {
  relay.intercept = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path != "/v1/register") return std::nullopt;
    return HttpResponse{.status = 409, .headers = {}, .body = {}};
  };
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(5min);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_TRUE(peer.all<Refused>(one)[0].final);
  EXPECT_EQ(relay.registers, 1u);
  EXPECT_TRUE(peer.client.is_idle());
}

TEST_F(RelayClientTest, ComesBackWhenARelayThatIsFullSaysSo) {
  relay.limits.registrations_per_address = 1;
  relay.limits.retry_after = 20s;
  relay.restart();
  TestPeer peer(wire, target_of(relay));
  const Registration two = registration(2, 1, 64, 2);
  get_granted(peer, one);
  peer.hold(two);
  wire.run_for(2s);
  ASSERT_EQ(peer.count<Refused>(two), 1u);
  EXPECT_FALSE(peer.all<Refused>(two)[0].final);
  EXPECT_EQ(peer.all<Refused>(two)[0].why.code, make_error_code(Errc::kRelayOverQuota));
  peer.client.release(key_of(one), wire.now);
  wire.run_for(16s);
  EXPECT_EQ(peer.count<Granted>(two), 0u);
  wire.run_for(4s);
  EXPECT_EQ(peer.count<Granted>(two), 1u);
}

TEST_F(RelayClientTest, RefusesARelayWithConnectionIdsOfAnotherLength) {
  relay.intercept = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path != "/v1/info") return std::nullopt;
    v1::Info info;
    info.set_connection_id_length(16);
    return HttpResponse{.status = 200,
                        .headers = {{"content-type", "application/protobuf"}},
                        .body = to_bytes(as_bytes(info.SerializeAsString()))};
  };
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(5min);
  EXPECT_EQ(peer.count<Granted>(one), 0u);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  const Refused refused = peer.all<Refused>(one)[0];
  EXPECT_TRUE(refused.final);
  EXPECT_EQ(refused.why.detail, "relay relay.test:4433 has connection IDs of 16 bytes, ours have 12");
  EXPECT_FALSE(peer.client.is_connected());
}

TEST_F(RelayClientTest, DoesWithoutTheRelaysInfo) {
  relay.intercept = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path != "/v1/info") return std::nullopt;
    return HttpResponse{.status = 404, .headers = {}, .body = {}};
  };
  TestPeer peer(wire, target_of(relay));
  const TimePoint start = wire.now;
  get_granted(peer, one);
  EXPECT_LE(wire.now - start, 4 * wire.latency + 2ms);
}

TEST_F(RelayClientTest, HoldsAsManyAsItIsAllowed) {
  RelayClientConfig config;
  config.max_registrations = 100;
  TestPeer peer(wire, target_of(relay), config);
  for (std::uint8_t number = 1; number <= 101; ++number) peer.hold(registration(number, 1, 4, number));
  wire.run_for(10s);
  std::size_t granted = 0;
  for (std::uint8_t number = 1; number <= 101; ++number) granted += peer.count<Granted>(registration(number));
  EXPECT_EQ(granted, 100u);
  EXPECT_EQ(peer.count<Refused>(registration(101)), 1u);
  EXPECT_EQ(relay.table->registrations(), 100u);
  wire.run_for(15min);
  EXPECT_EQ(relay.table->registrations(), 100u);
}

TEST_F(RelayClientTest, RefusesAnEmptyWindow) {
  TestPeer peer(wire, target_of(relay));
  peer.hold(registration(1, 1, 0));
  wire.run_for(1s);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_TRUE(peer.all<Refused>(one)[0].final);
  EXPECT_TRUE(relay.seen_from.empty());
}

TEST_F(RelayClientTest, ReleasesEverythingAtTheEnd) {
  TestPeer peer(wire, target_of(relay));
  for (std::uint8_t number = 1; number <= 20; ++number) peer.hold(registration(number, 1, 64, number));
  wire.run_for(2s);
  ASSERT_EQ(relay.table->registrations(), 20u);
  const TimePoint start = wire.now;
  peer.client.close(wire.now);
  EXPECT_TRUE(wire.run_until([&] { return peer.client.is_finished(wire.now); }, 5s));
  EXPECT_LT(wire.now - start, 500ms);
  EXPECT_EQ(relay.table->registrations(), 0u);
  EXPECT_EQ(relay.server->connections(), 0u);
  peer.hold(one);
  wire.run_for(1s);
  EXPECT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_EQ(relay.table->registrations(), 0u);
}

TEST_F(RelayClientTest, EndsInBoundedTimeWhenNobodyAnswers) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  relay.stop();
  const TimePoint start = wire.now;
  peer.client.close(wire.now);
  EXPECT_TRUE(wire.run_until([&] { return peer.client.is_finished(wire.now); }, 10s));
  EXPECT_LE(wire.now - start, 2s);
}

TEST_F(RelayClientTest, IsFinishedAtOnceWhenItNeverConnected) {
  TestPeer peer(wire, target_of(relay));
  EXPECT_FALSE(peer.client.is_finished(wire.now));
  peer.client.close(wire.now);
  EXPECT_TRUE(peer.client.is_finished(wire.now));
  EXPECT_EQ(peer.client.deadline(), std::nullopt);
}

TEST_F(RelayClientTest, LetsAnUnusedConnectionGoAfterAWhile) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  peer.client.release(key_of(one), wire.now);
  wire.run_for(25s);
  EXPECT_TRUE(peer.client.is_connected());
  wire.run_for(10s);
  EXPECT_FALSE(peer.client.is_connected());
  EXPECT_EQ(peer.client.deadline(), std::nullopt);
  EXPECT_EQ(relay.server->connections(), 0u);
  get_granted(peer, registration(2));  // and comes back
}

TEST_F(RelayClientTest, SurvivesTheLossOfAnySingleDatagram) {
  for (std::size_t lost = 0; lost < 16; ++lost) {
    Wire lossy;
    lossy.drop = [lost](std::size_t number) { return number == lost; };
    TestRelay other(lossy);
    TestPeer peer(lossy, target_of(other));
    peer.hold(one);
    EXPECT_TRUE(lossy.run_until([&] { return peer.count<Granted>(one) == 1; }, 2s)) << "lost datagram " << lost;
    peer.hold(registration(1, 33, 64));
    EXPECT_TRUE(lossy.run_until([&] { return peer.count<Granted>(one) == 2; }, 2s)) << "lost datagram " << lost;
    EXPECT_EQ(peer.count<Interrupted>(one), 0u) << "lost datagram " << lost;
  }
}

TEST_F(RelayClientTest, KeepsALeaseThroughHeavyLoss) {
  TestPeer peer(wire, target_of(relay));
  get_granted(peer, one);
  std::mt19937 random(3);
  wire.drop = [&](std::size_t) { return random() % 4 == 0; };
  for (int minute = 0; minute < 60; ++minute) {
    wire.run_for(1min);
    EXPECT_TRUE(relay.find(key_of(one))) << "minute " << minute << ", seed 3";
  }
}

}  // namespace
}  // namespace quicket::transports
