#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace quicket::sim {
namespace {

// lose_one runs a whole dial in which one datagram that `from` sends after the offer was read is lost, and says whether
// both sides connected within ten virtual seconds.
enum class From { kDialer, kAccepter, kRelay };

bool survives_loss_of(std::uint64_t seed, From from, std::uint64_t number) {
  World world(seed);
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  Call& dial = alice.dial(bob);
  if (!world.run_until([&] { return dial.offer().has_value(); }, 5s)) return false;
  const DeviceId source = from == From::kDialer ? alice.id() : from == From::kAccepter ? bob.id() : relay.id();
  std::uint64_t seen = 0;
  world.network.drop = [&](std::uint64_t, DeviceId device, const AddressPair&, ByteView) {
    return device == source && seen++ == number;
  };
  Call& accepted = *bob.accept(*dial.offer()).value();
  return world.run_until([&] { return dial.connected() && accepted.connected(); }, 10s);
}

TEST(SimLoss, LosingAnyOneDatagramAfterTheOfferStillConnects) {
  const std::uint64_t chosen = seed();
  for (const From from : {From::kDialer, From::kAccepter, From::kRelay}) {
    for (std::uint64_t number = 0; number < 20; ++number) {
      EXPECT_TRUE(survives_loss_of(chosen, from, number))
          << "sender " << static_cast<int>(from) << ", datagram " << number;
    }
  }
}

TEST(SimLoss, TheOfferGetsReadyThoughAnyOneDatagramOfTheRegistrationIsLost) {
  const std::uint64_t chosen = seed();
  for (std::uint64_t number = 0; number < 16; ++number) {
    World world(chosen);
    Relay& relay = world.add_relay();
    Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    world.introduce(alice, bob);
    world.network.drop = [&](std::uint64_t sent, DeviceId, const AddressPair&, ByteView) { return sent == number; };
    Call& dial = alice.dial(bob);
    EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s)) << "datagram " << number;
  }
}

TEST(SimLoss, AFailingSeedReplaysExactly) {
  const auto play = [](std::uint64_t seed) {
    World world(seed);
    Relay& relay = world.add_relay();
    Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    world.introduce(alice, bob);
    for (Device* device : {static_cast<Device*>(&relay), static_cast<Device*>(&alice), static_cast<Device*>(&bob)}) {
      device->wire() = {.delay = 10ms, .jitter = 3ms, .loss = 0.05, .duplicate = 0.02};
    }
    Call& dial = alice.dial(bob);
    world.run_until([&] { return dial.offer().has_value(); }, 30s);
    Call& accepted = *bob.accept(*dial.offer()).value();
    world.run_until([&] { return dial.connected() && accepted.connected(); }, 30s);
    dial.transfer(200'000);
    world.run_until([&] { return accepted.receiving.done(); }, 60s);
    return std::tuple(world.now(), world.steps(), world.network.sent(), world.network.lost());
  };
  const std::uint64_t chosen = seed();
  EXPECT_EQ(play(chosen), play(chosen));
}

}  // namespace
}  // namespace quicket::sim
