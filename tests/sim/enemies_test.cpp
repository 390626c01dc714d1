#include "core/offer/seal.hpp"
#include "core/quic/initial.hpp"
#include "core/quic/initial_frames.hpp"
#include "core/quic/stateless.hpp"
#include "tests/core/quic/initial_builder.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {
namespace {

using quic::octets_of;

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  for (std::byte& one : bytes) one = std::byte(random());
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) quic::append(all, part);
  return all;
}

// Forger is an enemy who knows a dialer's first flight, and so the keys of its Initial packets: whoever has read an
// open offer. (A ServerHello it can forge too, and so end that dial: docs/protocol.md "What an open offer gives away".)
class Forger {
 public:
  explicit Forger(std::vector<Bytes> flight)
      : flight_(std::move(flight)), header_(quic::parse_initial_header(flight_.front()).value()) {}

  // who_guesses knows the dialer's connection ID only, as a relay does.
  static Forger who_guesses(const ConnectionId& dialer, Random& random) {
    Bytes frames = octets_of({6, 0, 4, 1, 0, 0, 0});
    frames.resize(1150);
    const quic::InitialPlan plan{.destination = some_peer(random), .source = dialer, .frames = std::move(frames)};
    return Forger(
        {quic::protect_initial(quic::unprotected_initial(plan), plan.destination, quic::Role::kClient).value()});
  }

  // weapons are datagrams for the dialer, in random order.
  std::vector<Bytes> weapons(Random& random) const {
    std::vector<Bytes> all = flight_;
    all.emplace_back();
    for (std::size_t size = 1; size < 1500; size = size * 2 + random() % 8) {
      all.push_back(random_bytes(random, size));
      all.push_back(to_the_dialer(random_bytes(random, size)));
    }
    for (std::size_t size = 1; size < flight_.front().size(); size += 97)
      all.push_back(to_bytes(ByteView(flight_.front()).first(size)));
    all.push_back(version_negotiation());
    all.push_back(retry(random));
    for (Bytes& forged : initials(random)) all.push_back(std::move(forged));
    std::ranges::shuffle(all, random);
    return all;
  }

 private:
  // to_the_dialer makes a short header packet of anything.
  Bytes to_the_dialer(ByteView rest) const {
    Bytes packet{std::byte{0x40}};
    quic::append(packet, header_.source.bytes());
    quic::append(packet, rest);
    return packet;
  }

  Bytes version_negotiation() const {
    Bytes other = flight_.front();
    other[1] = std::byte{0x6b};
    Bytes answer = quic::version_negotiation(other).value();
    std::fill(answer.end() - 4, answer.end(), std::byte{0x5a});  // a list without version 1: that one would be ignored
    return answer;
  }

  // Its integrity tag is right: anybody who saw the Initial can compute it (RFC 9001 section 5.8).
  Bytes retry(Random& random) const {
    return quic::retry(quic::read_first_packet(flight_.front()).value(), Address::loopback(1), some_peer(random),
                       random_bytes(random, 32), TimePoint(1h))
        .value();
  }

  std::vector<Bytes> initials(Random& random) const {
    const Bytes ack = octets_of({2, 0, 0, 0, 0}), ping = octets_of({1}), close = octets_of({0x1c, 2, 0, 2, 'n', 'o'});
    const Bytes more = octets_of({6, 4, 4, 3, 3, 7, 7}), not_a_hello = octets_of({6, 0, 4, 11, 0, 0, 0});
    const Bytes server_hello = octets_of({6, 0, 8, 2, 0, 0, 4, 3, 3, 7, 7});
    const ConnectionId web = *ConnectionId::from(Bytes(12, std::byte{0xff}));
    std::vector<Bytes> all;
    const auto add = [&](const quic::InitialPlan& plan) {
      all.push_back(
          quic::protect_initial(quic::unprotected_initial(plan), header_.destination, quic::Role::kServer).value());
    };
    for (const ConnectionId& source : {some_peer(random), header_.source, header_.destination, web, ConnectionId()}) {
      for (const Bytes& frames : {ack, ping, close, more, not_a_hello, joined({ack, close}), joined({ack, ping, more}),
                                  joined({server_hello, octets_of({0x1e})}), octets_of({0x1d, 0, 0}), Bytes()}) {
        for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{200}})
          add({.destination = header_.source,
               .source = source,
               .frames = joined({frames, Bytes(30)}),
               .number = number});
      }
    }
    const quic::InitialPlan hello{.destination = header_.source, .source = some_peer(random), .frames = server_hello};
    auto with_token = hello, reserved = hello, other_version = hello;
    with_token.token = Bytes(8);
    reserved.first = 0xcc;
    add(with_token);
    add(reserved);
    all.push_back(quic::unprotected_initial(hello));
    for (const std::uint8_t type : {std::uint8_t{0xd0}, std::uint8_t{0xe0}}) {  // 0-RTT, Handshake
      auto other = hello;
      other.first = type;
      all.push_back(joined({quic::unprotected_initial(other), random_bytes(random, 40)}));
    }
    return all;
  }

  static ConnectionId some_peer(Random& random) {
    Bytes bytes = random_bytes(random, ConnectionId::kDefaultLength);
    bytes[0] &= std::byte{0x7f};
    return *ConnectionId::from(bytes);
  }

  std::vector<Bytes> flight_;
  quic::InitialHeader header_;
};

// forger_of gives the best that there can be for this dial.
Forger forger_of(const Call& dial, OfferKind kind, Random& random) {
  if (kind == OfferKind::kSealed) return Forger::who_guesses(dial.connection().schedule().at(1), random);
  return Forger(open_offer(*dial.offer(), Identity::generate(), {}).value().offer.flight);
}

transports::AcceptRules rules_for(OfferKind kind, Peer& peer) {
  return kind == OfferKind::kPairing ? peer.pairing_rules() : peer.rules();
}

// Wait is a dial whose offer waits for ten minutes, and what came of it.
struct Wait {
  std::uint64_t injected = 0;
  std::uint64_t sent = 0;  // datagrams by the dialer, in these ten minutes
  bool still_waits = false, connected = false;
  Duration took{}, smoothed_rtt{};
};

// wait lets an offer wait. An enemy may use the time: it writes to the dialer as if it were the relay.
Wait wait(std::uint64_t seed, OfferKind kind, bool with_enemy) {
  constexpr int kAttacks = 40;
  World world(seed);
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kNone, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  Random enemy(seed), pauses(seed);  // apart: the wait is as long whether there is an enemy or not
  Wait result;
  Call& dial = alice.dial(bob, 15min, kind);
  EXPECT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  const Forger forger = forger_of(dial, kind, enemy);
  world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair&, ByteView) {
    if (from == alice.id()) ++result.sent;
    return false;
  };
  for (int i = 0; i < kAttacks; ++i) {
    world.run_for(Duration(10min) / kAttacks - Duration(pauses() % 1'000'000'000));
    if (!with_enemy) continue;
    for (const Bytes& weapon : forger.weapons(enemy)) {
      ++result.injected;
      world.network.spoof(world.network.own_address(relay.id()), world.network.own_address(alice.id()), weapon,
                          world.now());
    }
  }
  world.run_for(10s);
  world.network.drop = nullptr;
  result.still_waits = !dial.ended() && !dial.connected();
  const TimePoint accepted_at = world.now();
  Call* accepted = bob.accept(*dial.offer(), rules_for(kind, bob)).value();
  result.connected = world.run_until([&] { return dial.connected() && accepted->connected(); }, 10s);
  if (!result.connected) return result;
  result.took = world.now() - accepted_at;
  dial.transfer(100'000);
  EXPECT_TRUE(world.run_until([&] { return accepted->receiving.done(); }, 10s));
  result.smoothed_rtt = dial.connection().statistics().smoothed_rtt;
  return result;
}

class SimFrozenDialer : public ::testing::TestWithParam<OfferKind> {
 public:
  static std::string name_of(const ::testing::TestParamInfo<OfferKind>& kind) {
    if (kind.param == OfferKind::kPairing) return "Pairing";
    return kind.param == OfferKind::kSealed ? "Sealed" : "Open";
  }
};
INSTANTIATE_TEST_SUITE_P(, SimFrozenDialer,
                         ::testing::Values(OfferKind::kOpen, OfferKind::kSealed, OfferKind::kPairing),
                         SimFrozenDialer::name_of);

TEST_P(SimFrozenDialer, NeitherAnswersNorHeedsAnybodyButTheAccepter) {
  const std::uint64_t fixed = seed();
  const Wait quiet = wait(fixed, GetParam(), false), attacked = wait(fixed, GetParam(), true);
  EXPECT_GT(attacked.injected, 5'000u);
  EXPECT_EQ(attacked.sent, quiet.sent);
  EXPECT_TRUE(attacked.still_waits);
  ASSERT_TRUE(quiet.connected && attacked.connected);
  EXPECT_LE(attacked.took, quiet.took + 1ms);
  EXPECT_LT(attacked.smoothed_rtt, 3 * 40ms);  // two wires of 10 ms each way, twice
}

// A waiting dial keeps some of what it cannot judge until the answer is there, and feeds it then.
TEST_P(SimFrozenDialer, ConnectsWhateverItHasKeptMeanwhile) {
  World world(seed());
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kNone, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  std::size_t used = 0, weapons = 1;
  while (used < weapons) {
    Call& dial = alice.dial(bob, 15min, GetParam());
    ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
    const Forger forger = forger_of(dial, GetParam(), world.random);
    Random same(7);
    const std::vector<Bytes> all = forger.weapons(same);
    weapons = all.size();
    for (std::size_t i = 0; i < Dial::kMaxKept && used < weapons; ++i, ++used) {
      world.network.spoof(world.network.own_address(relay.id()), world.network.own_address(alice.id()), all[used],
                          world.now());
    }
    world.run_for(1s);
    Call* accepted = bob.accept(*dial.offer(), rules_for(GetParam(), bob)).value();
    ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted->connected(); }, 200ms)) << used;
    dial.close();
    world.run_for(3s);
  }
  EXPECT_GT(weapons, 100u);
}

}  // namespace
}  // namespace quicket::sim
