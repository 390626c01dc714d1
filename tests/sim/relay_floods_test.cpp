// Floods of all kinds at a relay: its tables stay within their bounds, and honest peers call one another as ever.

#include "tests/relay/forward/packets.hpp"
#include "tests/sim/scene.hpp"
#include "tests/sim/stranger.hpp"

#include <algorithm>

namespace quicket::sim {
namespace {

Address v4(std::size_t i) {
  return Address::parse("203.0." + std::to_string(113 + i / 250) + "." + std::to_string(1 + i % 250) + ":6666").value();
}
Address v6_site(std::size_t i) { return Address::parse("[2001:db8:0:" + std::to_string(i) + "::1]:6666").value(); }

class SimRelayFloods : public ::testing::Test {
 protected:
  std::vector<Stranger*> crowd(Relay& relay, std::size_t count, Address (*at)(std::size_t)) {
    std::vector<Stranger*> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(&world.add_device<Stranger>(at(i), relay));
    return all;
  }

  World world{seed()};
};

TEST_F(SimRelayFloods, OfRegistrationsOverOneConnection) {
  Relay& relay = world.add_relay();
  Stranger& greedy = world.add_device<Stranger>(v4(0), relay);
  greedy.fill(1'000);
  greedy.every(1ms, [] {});
  expect_unnoticed(world, {&relay});
  world.run_for(3s);
  expect_unnoticed(world, {&relay});
  EXPECT_EQ(relay.engine().table().registrations(), relay.limits.registrations_per_address);
  EXPECT_EQ(greedy.answers().at(200), relay.limits.registrations_per_address);
  EXPECT_GT(greedy.answers().at(429), 100u);
}

TEST_F(SimRelayFloods, OfRegistrationsOverAConnectionEach) {
  Relay& relay = world.add_relay();
  Stranger& greedy = world.add_device<Stranger>(v4(0), relay);
  greedy.every(100ms, [&] {
    greedy.connect();
    greedy.fill(1);
  });
  for (int i = 0; i < 3; ++i) {
    world.run_for(8s);
    expect_unnoticed(world, {&relay});
  }
  EXPECT_EQ(relay.engine().table().registrations(), relay.limits.registrations_per_address);
  EXPECT_GT(greedy.answers().at(429), 10u);
}

// Each in a session of its own that nobody joins.
TEST_F(SimRelayFloods, OfRegistrationsFromManyAddressesAndSites) {
  relay::Limits limits;
  limits.registrations = limits.sessions = 400;
  limits.ids = 400 * 128;
  limits.registrations_per_address = 16;
  Relay& relay = world.add_relay(limits);
  auto all = crowd(relay, 40, v4);
  for (Stranger* one : crowd(relay, 40, v6_site)) all.push_back(one);
  for (Stranger* one : all) {
    one->fill(50);
    one->every(5ms, [] {});
  }
  expect_unnoticed(world, {&relay});
  world.run_for(2s);
  expect_unnoticed(world, {&relay});
  const auto& table = relay.engine().table();
  EXPECT_LE(table.registrations(), limits.registrations);
  EXPECT_GT(table.registrations(), limits.registrations / 2);
  EXPECT_EQ(table.sessions(), table.registrations());
  for (const Stranger* one : all) EXPECT_LE(one->answers().at(200), limits.registrations_per_address);
}

TEST_F(SimRelayFloods, OfFirstFlightsThatAreHeld) {
  constexpr std::size_t kCrowd = 5, kHeld = 8192;
  Relay& relay = world.add_relay();
  const auto all = crowd(relay, kCrowd, v4);
  for (Stranger* one : all) {
    one->fill(220);
    one->every(5ms, [] {});
  }
  ASSERT_TRUE(world.run_until(
      [&] {
        return std::ranges::all_of(
            all, [](const Stranger* one) { return one->answers().contains(200) && one->answers().at(200) == 220; });
      },
      30s));
  for (std::size_t i = 0; i < kCrowd; ++i) {
    // Each sends to the sessions of the next one, so that nothing is for oneself.
    all[i]->every(100ms, [&world = world, from = all[i], to = all[(i + 1) % kCrowd]] {
      for (const PeerId::Key& key : to->keys()) {
        const auto id = Schedule::create(key, Owner::kPeer).value().at(1);
        for (int n = 0; n < 8; ++n) from->toss(relay::short_packet(id, 33 + world.random() % 400));
      }
    });
  }
  world.run_for(300ms);
  expect_unnoticed(world, {&relay});
  const relay::ForwardCounters counters = relay.engine().forwarded();
  EXPECT_GT(counters.drops(relay::DropReason::kHoldFull), 1'000u);
  EXPECT_LE(counters.held - counters.released - counters.drops(relay::DropReason::kHoldEnded), kHeld);
  EXPECT_EQ(counters.released, 0u);
}

// Each seems to come from another address; the relay's answers reach nobody.
TEST_F(SimRelayFloods, OfHandshakesThatNobodyGoesOnWith) {
  constexpr std::size_t kHalfOpen = 1'000;
  Relay& relay = world.add_relay();
  const Address at_relay = world.network.own_address(relay.id());
  struct Keeper final : DatagramSink {
    Bytes first;
    void send(const AddressPair&, const Batch& batch) override { first = to_bytes(batch.bytes); }
  } keeper;
  Stranger& flood = world.add_device<Stranger>(v4(0), relay);
  std::size_t sent = 0;
  flood.every(2ms, [&] {
    for (int n = 0; n < 4; ++n, ++sent) {
      transports::Http3ClientConfig config;
      config.verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; };
      transports::Http3Client::create(std::move(config), {.local = v4(1), .remote = at_relay}, world.now())
          .value()
          ->transmit(keeper, world.now());
      world.network.spoof(v4(1 + sent % 2'000), at_relay, keeper.first, world.now());
    }
  });
  world.run_for(600ms);
  EXPECT_EQ(relay.engine().server().half_open(), kHalfOpen);
  // A Retry each for the dialer and the accepter.
  expect_unnoticed(world, {&relay}, 2 * 40ms + 1ms);
  EXPECT_LE(relay.engine().server().connections(), kHalfOpen + 3);
  EXPECT_GT(relay.engine().server().counters().retries, 500u);
}

// More than any rate would let through in time.
TEST_F(SimRelayFloods, OfPacketsForNobody) {
  Relay& relay = world.add_relay();
  const Address at_relay = world.network.own_address(relay.id());
  Stranger& flood = world.add_device<Stranger>(v4(0), relay);
  std::uint64_t out = 0;
  world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair& addresses, ByteView) {
    out += from == relay.id() && addresses.remote.port() == 9;
    return false;
  };
  std::size_t sent = 0;
  flood.every(1ms, [&] {
    for (int n = 0; n < 20; ++n, ++sent) {
      Bytes id(12);
      std::ranges::generate(id, [&] { return std::byte(world.random()); });
      const ConnectionId to = *ConnectionId::from(id);
      const Bytes datagram = n % 2 ? relay::short_packet(to, 33 + world.random() % 1200)
                                   : relay::long_packet(to, relay::cid(0x91), 1200, 0xc3, 0x1a2a3a4a);
      world.network.spoof(v4(sent % 200).with_port(9), at_relay, datagram, world.now());
    }
  });
  expect_unnoticed(world, {&relay});
  EXPECT_GT(sent, 10'000u);
  EXPECT_LT(out, sent / 3);  // resets and version negotiations have a rate
}

}  // namespace
}  // namespace quicket::sim
