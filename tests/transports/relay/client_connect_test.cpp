// RelayClient and relays that are not there, not who they should be, or not in their right mind.
#include "tests/transports/relay/world.hpp"

#include "core/base/encoding.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket::transports {
namespace {

using namespace test;

struct RelayConnecting : testing::Test {
  Wire wire;
  TestRelay relay{wire};
  const Registration one = registration(1);
};

TEST_F(RelayConnecting, ReportsARelayThatDoesNotAnswerAndKeepsTrying) {
  relay.stop();
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(2100ms);
  ASSERT_EQ(peer.reports.size(), 1u);
  const Refused refused = peer.all<Refused>(one).at(0);
  EXPECT_FALSE(refused.final);
  EXPECT_EQ(refused.why.code, make_error_code(Errc::kRelayUnreachable));
  EXPECT_EQ(refused.why.detail, "relay 203.0.113.5:4433 does not answer on UDP (3 tries, 2.0 s)");
  wire.run_for(10min);
  EXPECT_EQ(peer.reports.size(), 1u);  // said once
  EXPECT_GT(peer.client.statistics().attempts, 30u);
  EXPECT_LT(peer.client.statistics().attempts, 200u);
  relay.start();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 15s));
}

TEST_F(RelayConnecting, TellsANewRegistrationAtOnceThatTheRelayIsKnownToBeDown) {
  relay.stop();
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(5s);
  peer.hold(registration(2));
  wire.run_for(1ms);
  EXPECT_EQ(peer.count<Refused>(registration(2)), 1u);
}

TEST_F(RelayConnecting, RefusesACertificateWithAnotherPinForGoodAndNamesBoth) {
  RelayTarget target = target_of(relay);
  target.pins[0].fill(std::byte{0x5a});
  TestPeer peer(wire, target);
  peer.hold(one);
  wire.run_for(5min);
  ASSERT_EQ(peer.reports.size(), 1u);
  const Refused refused = peer.all<Refused>(one).at(0);
  EXPECT_TRUE(refused.final);
  EXPECT_EQ(refused.why.code, make_error_code(Errc::kRelayPinMismatch));
  EXPECT_EQ(refused.why.detail, "relay 203.0.113.5:4433 shows the pin " + base64url(relay.pin()) + ", expected is " +
                                    base64url(target.pins[0]));
  EXPECT_EQ(relay.registers, 0u);
  EXPECT_EQ(peer.client.statistics().attempts, 1u);
}

TEST_F(RelayConnecting, KeepsTryingWhenTheCertificateWasRightBefore) {
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }));
  const auto good = relay.credentials;
  relay.credentials = quic::Credentials::from_ed25519(bytes_of(77)).value();
  relay.restart();
  wire.run_for(30s);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_FALSE(peer.all<Refused>(one)[0].final);
  EXPECT_EQ(peer.all<Refused>(one)[0].why.code, make_error_code(Errc::kRelayPinMismatch));
  relay.credentials = good;
  relay.restart();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 15s));
}

TEST_F(RelayConnecting, GivesUpAfterAMinuteOfAWrongCertificateThatWasRightBefore) {
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }));
  relay.credentials = quic::Credentials::from_ed25519(bytes_of(77)).value();
  relay.restart();
  wire.run_for(3min);
  ASSERT_EQ(peer.count<Refused>(one), 2u);
  EXPECT_TRUE(peer.all<Refused>(one)[1].final);
  EXPECT_EQ(peer.all<Refused>(one)[1].why.code, make_error_code(Errc::kRelayPinMismatch));
  const std::uint64_t attempts = peer.client.statistics().attempts;
  wire.run_for(10min);
  EXPECT_EQ(peer.client.statistics().attempts, attempts);
}

TEST_F(RelayConnecting, NamesEveryAddressThatDoesNotAnswer) {
  relay.stop();
  TestPeer peer(wire, target_of(relay, {kRelayAddress, kOtherRelayAddress}));
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Refused>(one) == 1; }, 10s));
  const std::string why = peer.all<Refused>(one)[0].why.detail;
  for (const Address& address : {kRelayAddress, kOtherRelayAddress}) {
    EXPECT_NE(why.find(address.to_string()), std::string::npos) << why;
  }
}

TEST_F(RelayConnecting, AsksTheWebsPkiWithoutAPin) {
  RelayTarget target = target_of(relay);
  target.pins.clear();
  TestPeer peer(wire, target);
  peer.hold(one);
  wire.run_for(10s);
  ASSERT_EQ(peer.count<Refused>(one), 1u);  // nobody vouches for a self-signed certificate
  EXPECT_EQ(peer.all<Refused>(one)[0].why.code, make_error_code(Errc::kRelayPinMismatch));
  EXPECT_EQ(peer.all<Refused>(one)[0].why.detail,
            "relay 203.0.113.5:4433 shows a certificate that nobody vouches for as relay.test");
}

TEST_F(RelayConnecting, TriesTheNextAddressAfterAHeadStart) {
  TestPeer peer(wire, target_of(relay, {kOtherRelayAddress, kRelayAddress}));  // nobody is at the first
  const TimePoint start = wire.now;
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 5s));
  EXPECT_LE(wire.now - start, 250ms + 4 * wire.latency + 5ms);
  EXPECT_EQ(peer.client.remote(), kRelayAddress);
  EXPECT_EQ(peer.client.hint().addresses.front(), kRelayAddress);
  EXPECT_EQ(peer.count<Refused>(one), 0u);
}

TEST_F(RelayConnecting, TriesTheNextAddressAtOnceWhenOneIsNotTheRelay) {
  TestRelay impostor(wire, kOtherRelayAddress);
  impostor.credentials = quic::Credentials::from_ed25519(bytes_of(77)).value();
  impostor.restart();
  TestPeer peer(wire, target_of(relay, {kOtherRelayAddress, kRelayAddress}));
  const TimePoint start = wire.now;
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 5s));
  EXPECT_LE(wire.now - start, 8 * wire.latency);
  EXPECT_EQ(impostor.registers, 0u);
  EXPECT_EQ(peer.count<Refused>(one), 0u);
}

TEST_F(RelayConnecting, KeepsOneConnectionWhenSeveralAddressesAnswer) {
  wire.latency = 400ms;
  TestRelay same(wire, kOtherRelayAddress);
  TestPeer peer(wire, target_of(relay, {kRelayAddress, kOtherRelayAddress}));
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 5s));
  wire.run_for(10s);
  EXPECT_EQ(peer.client.remote(), kRelayAddress);
  EXPECT_EQ(peer.client.statistics().attempts, 2u);
  EXPECT_EQ(same.server->connections(), 0u);
  EXPECT_EQ(relay.server->connections(), 1u);
}

TEST_F(RelayConnecting, ReturnsToTheAddressThatWasGoodFirst) {
  TestPeer peer(wire, target_of(relay, {kOtherRelayAddress, kRelayAddress}));
  peer.hold(one);
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 5s));
  wire.run_for(10s);
  const auto attempts = peer.client.statistics().attempts;
  relay.restart();
  ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 30s));
  EXPECT_EQ(peer.client.statistics().attempts, attempts + 1);
}

TEST_F(RelayConnecting, SurvivesGarbageInPlaceOfARelay) {
  relay.stop();
  std::mt19937 random(1);
  Node garbage;
  std::vector<Received> answers;
  garbage.receive = [&](const Received& received, TimePoint) {
    for (int i = 0; i < 5; ++i) {
      Bytes bytes(random() % 1300);
      for (std::byte& byte : bytes) byte = std::byte(random() & 0xff);
      if (i > 2) bytes = to_bytes(received.bytes);  // an echo, damaged and whole
      if (i == 3) bytes[random() % bytes.size()] ^= std::byte{1};
      if (!bytes.empty()) wire.send(received.addresses, {.bytes = bytes, .segment_size = bytes.size()});
    }
  };
  garbage.transmit = [](DatagramSink&, TimePoint) {};
  garbage.deadline = [] { return std::nullopt; };
  garbage.on_deadline = [](TimePoint) {};
  wire.attach(kRelayAddress, garbage);
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(20s);
  EXPECT_EQ(peer.count<Granted>(one), 0u);
  EXPECT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_FALSE(peer.all<Refused>(one)[0].final);
  relay.start();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 15s));
}

TEST_F(RelayConnecting, SurvivesAnswersThatMeanNothing) {
  int answered = 0;
  relay.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (++answered > 4) return std::nullopt;
    return HttpResponse{.status = 200,
                        .headers = {{"content-type", "application/protobuf"}},
                        .body = bytes_of(0xff, request.body.size())};
  };
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(2s);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_FALSE(peer.all<Refused>(one)[0].final);
  EXPECT_EQ(peer.all<Refused>(one)[0].why.detail,
            "relay relay.test:4433 answers something that is no grant of what was asked for");
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 1min));
  EXPECT_EQ(peer.client.statistics().connections, 1u);
}

TEST_F(RelayConnecting, WaitsForARelayThatThinksLong) {
  relay.thinks = 3s;
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(30min);
  EXPECT_EQ(peer.count<Granted>(one), 1u);
  EXPECT_EQ(peer.count<Interrupted>(one), 0u);
  EXPECT_EQ(peer.client.statistics().connections, 1u);
}

TEST_F(RelayConnecting, GivesUpARelayThatNeverAnswersRequests) {
  relay.answers = false;
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(6s);
  ASSERT_EQ(peer.count<Interrupted>(one), 1u);
  EXPECT_EQ(peer.all<Interrupted>(one)[0].why.detail, "relay relay.test:4433 does not answer requests");
  wire.run_for(1min);
  EXPECT_LT(peer.client.statistics().connections, 12u);
  relay.answers = true;
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) >= 1; }, 15s));
}

TEST_F(RelayConnecting, DoesNotRepeatInALoopWhatFailsAtOnce) {
  relay.http_limits.header_bytes = 1;  // every request is refused
  relay.restart();
  TestPeer peer(wire, target_of(relay));
  peer.hold(one);
  wire.run_for(1min);
  EXPECT_EQ(peer.count<Granted>(one), 0u);
  EXPECT_LT(peer.client.statistics().questions, 60u);
}

}  // namespace
}  // namespace quicket::transports
