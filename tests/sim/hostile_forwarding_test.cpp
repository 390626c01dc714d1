// A relay that registers well and forwards as an enemy would. All it can do to the peers is what a bad network can.
#include "core/cid/header.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {
namespace {

// Forwarded is a datagram between peers on its way out of the relay.
struct Forwarded {
  World& world;
  Address relay;
  Address to;
  Address other;  // the address of the other peer; the same as long as that is not known
  Bytes bytes;

  void send(const Address& destination, const Bytes& datagram, Duration later = {}) const {
    world.network.spoof(relay, destination, datagram, world.now() + later);
  }
};

struct Lie {
  std::string name;
  std::function<void(const Forwarded&)> besides;
  friend std::ostream& operator<<(std::ostream& out, const Lie& lie) { return out << lie.name; }
};

Bytes damaged(const Forwarded& datagram, std::size_t at) {
  Bytes bytes = datagram.bytes;
  bytes[at % bytes.size()] ^= std::byte{1};
  return bytes;
}

const std::vector<Lie>& lies() {
  static const std::vector<Lie> kLies = {
      {"Twice", [](const Forwarded& one) { one.send(one.to, one.bytes); }},
      {"AgainLater", [](const Forwarded& one) { one.send(one.to, one.bytes, 700ms); }},
      {"AlsoToTheWrongParty", [](const Forwarded& one) { one.send(one.other, one.bytes); }},
      {"WithADamagedCopy",
       [](const Forwarded& one) { one.send(one.to, damaged(one, one.world.random() % one.bytes.size())); }},
      {"WithATruncatedCopy",
       [](const Forwarded& one) {
         Bytes half = one.bytes;
         half.resize(half.size() / 2);
         one.send(one.to, half);
       }},
      {"WithJunk",
       [](const Forwarded& one) {
         Bytes junk = one.bytes;
         for (std::size_t i = 1 + ConnectionId::kDefaultLength; i < junk.size(); ++i)
           junk[i] = std::byte(one.world.random());
         for (int copies = 0; copies < 3; ++copies) one.send(one.to, junk);
       }},
      {"WithWhatLooksLikeAReset",
       [](const Forwarded& one) {
         Bytes reset(43);
         std::ranges::generate(reset, [&] { return std::byte(one.world.random()); });
         reset[0] = std::byte{0x40} | (reset[0] & std::byte{0x3f});
         one.send(one.to, reset);
       }},
  };
  return kLies;
}

class SimHostileForwarding : public ::testing::TestWithParam<Lie> {};

TEST_P(SimHostileForwarding, LeavesAConnectionIntact) {
  World world(seed());
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  std::optional<Address> last;
  world.network.drop = [&](std::uint64_t, DeviceId from, const AddressPair& addresses, ByteView bytes) {
    const auto header = parse_header(bytes, ConnectionId::kDefaultLength);
    if (from != relay.id() || !header || !header->destination.belongs_to_peer()) return false;
    GetParam().besides({.world = world,
                        .relay = world.network.own_address(relay.id()),
                        .to = addresses.remote,
                        .other = last.value_or(addresses.remote),
                        .bytes = to_bytes(bytes)});
    last = addresses.remote;
    return false;
  };
  Call& dial = alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial.offer().has_value(); }, 5s));
  Call& accepted = *bob.accept(*dial.offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial.connected() && accepted.connected(); }, 2s));
  dial.transfer(300'000);
  accepted.transfer(300'000);
  EXPECT_TRUE(world.run_until([&] { return dial.receiving.done() && accepted.receiving.done(); }, 20s));
}

std::string name_of(const ::testing::TestParamInfo<Lie>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Forwards, SimHostileForwarding, ::testing::ValuesIn(lies()), name_of);

}  // namespace
}  // namespace quicket::sim
