// Who wants what is somebody else's at a relay gets nothing, and those whose it is notice nothing.

#include "core/identity/proof.hpp"
#include "tests/relay/forward/packets.hpp"
#include "tests/sim/scene.hpp"
#include "tests/sim/stranger.hpp"

#include <algorithm>

namespace quicket::sim {
namespace {

const Address kMallory = Address::parse("203.0.113.66:6666").value();
const Address kCarol = Address::parse("203.0.113.3:3333").value();
const Address kAlsoCarol = Address::parse("203.0.113.4:4444").value();

PeerId::Key cid_key_of(const Call& call) {
  PeerId::Key key{};
  std::ranges::copy(call.connection().schedule().key(), key.begin());
  return key;
}

relay::RouteTable::Registration entry(Relay& relay, const PeerId::Key& key) {
  return relay.engine().table().find(relay::RegistrationKey::from(key).value()).value();
}

class SimRelayEnemies : public ::testing::Test {
 protected:
  // arrive makes a stranger who has a connection with a relay.
  Stranger& arrive(const Address& at, const Relay& where) {
    Stranger& stranger = scene.world.add_device<Stranger>(at, where);
    scene.world.touch(stranger);
    EXPECT_TRUE(scene.world.run_until([&] { return stranger.is_ready(); }, 5s));
    return stranger;
  }

  Scene scene{seed()};
  World& world = scene.world;
  Relay& relay = scene.relay;
};

TEST_F(SimRelayEnemies, SomeonesKeyIsNothingWithoutItsProof) {
  Call& dial = scene.alice.dial(scene.bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  const PeerId::Key key = cid_key_of(dial);
  const auto before = entry(relay, key);
  Stranger& mallory = arrive(kMallory, relay);
  StrangersRegistration theft{.key = key, .session = *before.session};
  EXPECT_EQ(mallory.fetch(theft), 403);
  theft.proof = mallory.prove(Identity::generate(), *before.session).proof;  // of another key
  EXPECT_EQ(mallory.fetch(theft), 403);

  EXPECT_EQ(entry(relay, key).target, before.target);
  Call& accepted = **scene.bob.accept(*dial.offer());
  ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted.connected(); }, 1s));
  dial.transfer(100'000);
  EXPECT_TRUE(world.run_until([&] { return accepted.receiving.done(); }, 1s));
  expect_unnoticed(world, {&relay});
}

TEST_F(SimRelayEnemies, ARelayCannotUseAtAnotherWhatItLearnt) {
  Relay& nosy = world.add_relay();
  const Identity key = Identity::generate();
  const transports::RelaySessionId here{std::byte{1}}, there{std::byte{2}};
  Stranger& at_nosy = arrive(kCarol, nosy);
  Stranger& carol = arrive(kAlsoCarol, relay);
  const StrangersRegistration learnt = at_nosy.prove(key, there);
  ASSERT_EQ(at_nosy.fetch(learnt), 200);
  ASSERT_EQ(carol.fetch(carol.prove(key, here)), 200);
  const auto before = entry(relay, key.id().key());

  Stranger& mallory = arrive(kMallory, relay);
  EXPECT_EQ(mallory.fetch(learnt), 403);
  EXPECT_EQ(mallory.fetch({.key = learnt.key, .session = here, .proof = learnt.proof}), 403);
  EXPECT_EQ(mallory.fetch(mallory.prove(Identity::generate(), there)), 200);  // a session that is nobody else's here
  const auto after = entry(relay, key.id().key());
  EXPECT_EQ(after.target, before.target);
  EXPECT_EQ(after.session, before.session);
  EXPECT_EQ(relay.engine().table().routes().find(Schedule::create(learnt.key, Owner::kPeer).value().at(1))->gate,
            relay::Gate::kWaiting);  // nobody has come into Carol's session
  expect_unnoticed(world, {&relay, &nosy});
}

TEST_F(SimRelayEnemies, AThirdPartyGetsNeitherIntoASessionNorAnythingThroughIt) {
  const auto [dial, accepted] = scene.connect();
  const PeerId::Key key = cid_key_of(*dial);
  Stranger& mallory = arrive(kMallory, relay);
  EXPECT_EQ(mallory.fetch(mallory.prove(Identity::generate(), *entry(relay, key).session)), 409);

  const std::uint64_t forwarded = relay.engine().forwarded().forwarded;
  for (const Call* call : {dial, accepted}) {
    for (std::uint32_t counter = 1; counter <= 8; ++counter)
      mallory.toss(relay::short_packet(call->connection().schedule().at(counter)));
  }
  world.run_for(50ms);
  EXPECT_EQ(relay.engine().forwarded().drops(relay::DropReason::kNotAdmitted), 16u);
  EXPECT_EQ(relay.engine().forwarded().forwarded, forwarded);
  dial->transfer(100'000);
  EXPECT_TRUE(world.run_until([&, accepted = accepted] { return accepted->receiving.done(); }, 1s));
}

// Who sees the connection IDs, as the dialer's own network does, can forge what seems to come from a party: QUIC drops
// it.
TEST_F(SimRelayEnemies, ForgedSourcesDisturbNobody) {
  const auto [dial, accepted] = scene.connect();
  const Address at_relay = world.network.own_address(relay.id());
  const auto party_of = [&](const Call& call) { return entry(relay, cid_key_of(call)).target.remote; };
  const Address alice = party_of(*dial), bob = party_of(*accepted);
  std::uint64_t to_itself = 0, to_nowhere = 0;
  const Address broadcast = Address::parse("255.255.255.255:9").value(), nowhere = Address::parse("0.0.0.0:0").value(),
                loopback = Address::loopback(9), group = Address::parse("224.0.0.1:9").value();
  world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair& addresses, ByteView) {
    if (from != relay.id()) return false;
    if (addresses.remote == at_relay) ++to_itself;
    for (const Address& one : {broadcast, nowhere, loopback, group}) to_nowhere += addresses.remote == one;
    return false;
  };
  dial->transfer(2'000'000);
  accepted->transfer(2'000'000);
  std::uint64_t forged = 0;
  const ConnectionId to_alice = dial->connection().schedule().at(1), to_bob = accepted->connection().schedule().at(1);
  for (int i = 0; i < 500; ++i) {
    for (const Address& source : {alice, bob, at_relay, broadcast, nowhere, loopback, group}) {
      for (const ConnectionId& id : {to_alice, to_bob, relay::cid(0x91), relay::cid(0x11)}) {
        world.network.spoof(source, at_relay, relay::short_packet(id, 40 + world.random() % 1200), world.now());
        ++forged;
      }
    }
    world.run_for(1ms);
  }
  EXPECT_TRUE(world.run_until(
      [&, dial = dial, accepted = accepted] { return dial->receiving.done() && accepted->receiving.done(); }, 20s));
  EXPECT_TRUE(!dial->ended() && !accepted->ended());
  EXPECT_EQ(party_of(*dial), alice);
  EXPECT_EQ(party_of(*accepted), bob);
  // A reset is answered by none of its kind for ever: each is shorter than the one before.
  EXPECT_LT(to_itself + to_nowhere, forged);
  expect_unnoticed(world, {&relay});
}

// An enemy beside the way sends a copy of each datagram, from its own address, and is always first.
TEST_F(SimRelayEnemies, CopiesFromElsewhereMoveNoRegistration) {
  const auto [dial, accepted] = scene.connect();
  Stranger& mallory = arrive(kMallory, relay);
  const Address at_relay = world.network.own_address(relay.id());
  const auto before = entry(relay, cid_key_of(*dial)), other = entry(relay, cid_key_of(*accepted));
  std::uint64_t copied = 0;
  world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair& addresses, ByteView bytes) {
    if ((from != scene.alice.id() && from != scene.bob.id()) || addresses.remote != at_relay) return false;
    ++copied;
    world.network.spoof(mallory.address(), at_relay, bytes, world.now());
    return false;
  };
  accepted->transfer(3'000'000);
  dial->transfer(3'000'000);
  EXPECT_TRUE(world.run_until(
      [&, dial = dial, accepted = accepted] { return dial->receiving.done() && accepted->receiving.done(); }, 60s));
  world.run_for(3min);  // refreshes and keep-alives, all copied
  EXPECT_GT(copied, 1'000u);
  EXPECT_EQ(entry(relay, cid_key_of(*dial)).target, before.target);
  EXPECT_EQ(entry(relay, cid_key_of(*accepted)).target, other.target);
  EXPECT_TRUE(!dial->ended() && !accepted->ended());
}

}  // namespace
}  // namespace quicket::sim
