// RelayClient notices that the relay, or the way to it, is not what it was.
#include "tests/transports/relay/world.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using namespace test;

struct RelayRecovery : testing::Test {
  void SetUp() override {
    relay.keys_ = {key_of(one)};
    relay.answers_peers = true;
    peer.hold(one);
    ASSERT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 5s));
    wire.run_for(10s);
  }

  // talk sends a datagram every 20 ms, which the relay answers as long as it knows us; until `done`.
  bool talk(const std::function<bool()>& done, Duration limit) {
    const TimePoint end = wire.now + limit;
    while (wire.now < end) {
      peer.send(peer_datagram());
      if (wire.run_until(done, 20ms)) return true;
    }
    return false;
  }
  void talk_for(Duration duration) {
    talk([] { return false; }, duration);
  }

  Wire wire;
  TestRelay relay{wire};
  TestPeer peer{wire, target_of(relay)};
  const Registration one = registration(1);
};

TEST_F(RelayRecovery, AsksNothingWhileDatagramsComeBack) {
  const std::size_t before = relay.registers;
  talk_for(30s);
  EXPECT_GT(peer.from_peers, 1000u);
  EXPECT_EQ(relay.registers, before);
}

TEST_F(RelayRecovery, AsksOnceWhenTrafficStops) {
  talk_for(2s);
  const std::size_t before = relay.registers;
  wire.run_for(30s);
  EXPECT_EQ(relay.registers, before + 1);
  EXPECT_EQ(peer.client.statistics().checks, 1u);
  EXPECT_EQ(peer.count<Interrupted>(one), 0u);
}

TEST_F(RelayRecovery, AsksOnceWhenOnlyThePeerIsGone) {
  relay.answers_peers = false;
  talk_for(20s);
  EXPECT_EQ(peer.client.statistics().checks, 1u);
  EXPECT_EQ(peer.count<Interrupted>(one), 0u);
}

TEST_F(RelayRecovery, RegistersAgainWithinTwoSecondsOfARestartWhileItSends) {
  talk_for(1s);
  const TimePoint start = wire.now;
  relay.restart();
  EXPECT_TRUE(talk([&] { return peer.count<Granted>(one) == 2; }, 10s));
  EXPECT_LT(wire.now - start, 2s);
  ASSERT_EQ(peer.count<Interrupted>(one), 1u);
  EXPECT_EQ(peer.all<Interrupted>(one)[0].why.detail, "relay 203.0.113.5:4433 has restarted");
  EXPECT_EQ(relay.target_of(key_of(one)), kHome);
}

TEST_F(RelayRecovery, RegistersAgainWithinTwoSecondsOfARestartThatStopsWhatComesIn) {
  talk_for(1s);
  const TimePoint start = wire.now;
  relay.restart();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 10s));
  EXPECT_LT(wire.now - start, 2s);
}

TEST_F(RelayRecovery, NoticesARestartByItsKeepAliveWhenNothingIsSaid) {
  relay.restart();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 1min));
}

TEST_F(RelayRecovery, NoticesWithinTwoSecondsThatTheRelayIsGone) {
  talk_for(1s);
  const TimePoint start = wire.now;
  relay.stop();
  EXPECT_TRUE(talk([&] { return peer.count<Interrupted>(one) == 1; }, 10s));
  EXPECT_LT(wire.now - start, 2s);
  EXPECT_EQ(peer.all<Interrupted>(one)[0].why.detail, "relay relay.test:4433 went silent");
  wire.run_for(20s);
  ASSERT_EQ(peer.count<Refused>(one), 1u);
  EXPECT_EQ(peer.all<Refused>(one)[0].why.code, make_error_code(Errc::kRelayUnreachable));
  EXPECT_EQ(peer.count<Interrupted>(one), 1u);
  relay.start();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 15s));
}

TEST_F(RelayRecovery, GoesOnSendingWhileItConnectsAgain) {
  talk_for(1s);
  relay.stop();
  ASSERT_TRUE(talk([&] { return peer.count<Interrupted>(one) == 1; }, 10s));
  const auto dropped = peer.client.statistics().dropped;
  peer.send(peer_datagram());
  EXPECT_EQ(peer.client.statistics().dropped, dropped);
}

TEST_F(RelayRecovery, MovesItsRoutesWithinTwoSecondsOfAnAddressChangeWhileItSends) {
  talk_for(1s);
  const TimePoint start = wire.now;
  peer.move_to(kAway);
  EXPECT_TRUE(talk([&] { return relay.target_of(key_of(one)) == kAway; }, 10s));
  EXPECT_LT(wire.now - start, 2s);
  const std::size_t before = peer.from_peers;
  talk_for(1s);
  EXPECT_GT(peer.from_peers, before + 30);
}

TEST_F(RelayRecovery, MovesItsRoutesWithinTwoSecondsOfAnAddressChangeThatStopsWhatComesIn) {
  talk_for(1s);
  const TimePoint start = wire.now;
  peer.move_to(kAway);
  EXPECT_TRUE(wire.run_until([&] { return relay.target_of(key_of(one)) == kAway; }, 10s));
  EXPECT_LT(wire.now - start, 2s);
}

TEST_F(RelayRecovery, TellsTheNewAddressOnceItIsSeenThere) {
  talk_for(1s);
  peer.move_to(kAway);
  talk_for(3s);
  wire.run_for(2min);
  ASSERT_GE(peer.count<Granted>(one), 2u);
  EXPECT_EQ(peer.all<Granted>(one).back().observed, kAway);
  EXPECT_EQ(relay.target_of(key_of(one)), kAway);
}

TEST_F(RelayRecovery, MovesItsRoutesAtOnceWhenItIsToldOfAnAddressChange) {
  peer.move_to(kAway);
  const TimePoint start = wire.now;
  peer.client.check(wire.now);
  EXPECT_TRUE(wire.run_until([&] { return relay.target_of(key_of(one)) == kAway; }, 10s));
  EXPECT_LT(wire.now - start, 200ms);
}

TEST_F(RelayRecovery, IsNotMisledByARelayThatThinksLong) {
  relay.thinks = 3s;
  talk_for(1s);
  wire.run_for(1min);
  EXPECT_GE(peer.client.statistics().checks, 1u);
  EXPECT_EQ(peer.count<Interrupted>(one), 0u);
}

TEST_F(RelayRecovery, IsNotMisledByTheLossOfOneQuestion) {
  for (std::size_t lost = 0; lost < 3; ++lost) {
    talk_for(1s);
    const std::size_t next = wire.sent + lost;
    wire.drop = [next](std::size_t number) { return number == next; };
    wire.run_for(5s);
    EXPECT_EQ(peer.count<Interrupted>(one), 0u) << "lost " << lost;
    EXPECT_TRUE(relay.find(key_of(one)));
  }
}

TEST_F(RelayRecovery, RegistersAllItsKeysAgain) {
  for (std::uint8_t number = 2; number <= 50; ++number) peer.hold(registration(number, 1, 8, number));
  wire.run_for(5s);
  ASSERT_EQ(relay.table->registrations(), 50u);
  relay.restart();
  wire.run_for(30s);
  EXPECT_EQ(relay.table->registrations(), 50u);
  for (std::uint8_t number = 2; number <= 50; ++number) {
    EXPECT_EQ(peer.count<Interrupted>(registration(number)), 1u);
    EXPECT_EQ(peer.count<Opened>(registration(number)), 2u);
    EXPECT_EQ(peer.count<Granted>(registration(number)), 2u);
  }
}

TEST_F(RelayRecovery, RegistersAtWhoeverTakesOverFromARelayThatDrains) {
  relay.server->drain(wire.now);
  wire.run_for(1s);
  EXPECT_EQ(relay.server->connections(), 0u);
  relay.restart();
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 2; }, 10s));
  EXPECT_EQ(relay.target_of(key_of(one)), kHome);
}

TEST_F(RelayRecovery, GoesToAnotherAddressBeforeADrainingRelayIsGone) {
  TestRelay second(wire, kOtherRelayAddress);
  TestPeer mover(wire, target_of(relay, {kRelayAddress, kOtherRelayAddress}), {}, kAway);
  const Registration two = registration(2, 1, 64, 2);
  mover.hold(two);
  ASSERT_TRUE(wire.run_until([&] { return mover.count<Granted>(two) == 1; }, 5s));
  relay.thinks = 1s;
  mover.hold(registration(2, 1, 96, 2));  // keeps the first one busy for a while
  wire.run_for(50ms);
  relay.server->drain(wire.now);
  EXPECT_TRUE(wire.run_until([&] { return mover.count<Granted>(two) == 2; }, 10s));
  EXPECT_EQ(mover.client.remote(), kOtherRelayAddress);
  EXPECT_EQ(mover.all<Granted>(two)[1].end, 97u);
  EXPECT_EQ(second.target_of(key_of(two)), kAway);
  wire.run_for(10s);
  EXPECT_EQ(mover.count<Interrupted>(two), 0u);
}

TEST_F(RelayRecovery, ForgetsAReleaseThatNobodyIsThereToHear) {
  relay.stop();
  talk_for(5s);
  peer.client.release(key_of(one), wire.now);
  EXPECT_TRUE(peer.client.is_idle());
  wire.run_for(1min);
  EXPECT_EQ(peer.client.deadline(), std::nullopt);  // and stops looking for the relay
}

TEST_F(RelayRecovery, IgnoresDatagramsOfOthersThatComeToIt) {
  const Bytes junk = bytes_of(0xc3, 1200), shorter = bytes_of(0xe1, 40);
  for (const Bytes& bytes : {junk, shorter, Bytes(1, std::byte{0xff})}) {
    peer.client.receive(
        {.addresses = {.local = kHome, .remote = kRelayAddress}, .ecn = quic::Ecn::kNotEct, .bytes = bytes}, wire.now);
    peer.client.receive({.addresses = {.local = kHome, .remote = kAway}, .ecn = quic::Ecn::kNotEct, .bytes = bytes},
                        wire.now);
  }
  wire.run_for(10s);
  EXPECT_EQ(peer.count<Interrupted>(one), 0u);
}

}  // namespace
}  // namespace quicket::transports
