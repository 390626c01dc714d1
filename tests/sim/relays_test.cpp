// Two or three relays in the offer, and one of them is not what it should be: dead, dying at any instant of the
// handshake, slow or lying. Both sides connect all the same, little later than without it.
#include "core/cid/header.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace quicket::sim {
namespace {

constexpr Duration kLongestDelay = 1s;  // that a bad relay may cost

enum class Wrong { kNothing, kDies, kDiesTowardsPeers, kDiesFromPeers, kDropsPeersDatagrams, kIsSlow, kGrantsNothing };

// Trouble is what is wrong with the first relay, and from which datagram on that it sends or gets.
struct Trouble {
  Wrong what = Wrong::kNothing;
  std::uint64_t from_datagram = 0;
};

bool is_between_peers(ByteView datagram) {
  const auto header = parse_header(datagram, ConnectionId::kDefaultLength);
  return header && (header->destination.bytes().front() & std::byte{0x80}) == std::byte{0};
}

// afflict counts in `touched` the datagrams that the relay sends or gets.
void afflict(World& world, Relay& relay, const Trouble& trouble, std::uint64_t& touched) {
  if (trouble.what == Wrong::kIsSlow) relay.wire().delay += 250ms;  // on the way in, and on the way out
  world.network.drop = [&, trouble](std::uint64_t, DeviceId from, const AddressPair& addresses, ByteView bytes) {
    const bool out = from == relay.id(), in = addresses.remote == world.network.own_address(relay.id());
    if (!out && !in) return false;
    const bool has_begun = touched++ >= trouble.from_datagram;
    switch (trouble.what) {
      case Wrong::kDies:
        return has_begun;
      case Wrong::kDiesTowardsPeers:
        return has_begun && out;
      case Wrong::kDiesFromPeers:
        return has_begun && in;
      case Wrong::kDropsPeersDatagrams:
        return has_begun && out && is_between_peers(bytes);
      default:
        return false;
    }
  };
}

// play runs a whole dial over `relays` relays, the first and nearest of which is in trouble, and 20 kB each way. It
// gives the time until both sides were connected, and until all bytes were there; nullopt: never.
struct Played {
  std::optional<Duration> connected, done;
  std::uint64_t instants = 0;  // datagrams that the first relay sent and got
};

Played play(std::uint64_t seed, std::size_t relays, const Trouble& trouble, bool without_first = false) {
  World world(seed);
  std::vector<Relay*> at;
  relay::Limits limits;
  for (std::size_t i = 0; i < relays; ++i) {
    relay::Limits own = limits;
    if (i == 0 && trouble.what == Wrong::kGrantsNothing) own.registrations = 0;
    at.push_back(&world.add_relay(own));
    at.back()->wire().delay = 5ms + i * 5ms;
  }
  Relay& first = *at.front();
  if (without_first) at.erase(at.begin());
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = at});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = at});
  world.introduce(alice, bob);
  Played played;
  afflict(world, first, trouble, played.instants);

  const TimePoint start = world.now();
  Call& dial = alice.dial(bob);
  if (!world.run_until([&] { return dial.offer().has_value(); }, 10s)) return played;
  Call& accepted = *bob.accept(*dial.offer()).value();
  if (!world.run_until([&] { return dial.connected() && accepted.connected(); }, 10s)) return played;
  played.connected = world.now() - start;
  dial.transfer(20'000);
  accepted.transfer(20'000);
  if (world.run_until([&] { return dial.receiving.done() && accepted.receiving.done(); }, 10s))
    played.done = world.now() - start;
  return played;
}

std::string text_of(const Played& played) {
  const auto in_ms = [](const std::optional<Duration>& time) {
    return time ? std::to_string(*time / 1ms) + " ms" : std::string("never");
  };
  return "connected " + in_ms(played.connected) + ", all bytes " + in_ms(played.done);
}

class SimRelays : public ::testing::TestWithParam<std::size_t> {
 protected:
  // expect_all_instants lets the first relay fail before each of the datagrams that it sends or gets, and prints the
  // worst of what that costs.
  void expect_all_instants(Wrong what) {
    const Played without = play(seed_, GetParam(), {}, true);
    ASSERT_TRUE(without.done) << text_of(without);
    const Played well = play(seed_, GetParam(), {});
    Duration worst{}, worst_bytes{};
    for (std::uint64_t number = 0; number < well.instants; ++number) {
      const Played played = play(seed_, GetParam(), {.what = what, .from_datagram = number});
      ASSERT_TRUE(played.connected && played.done) << "from datagram " << number << ": " << text_of(played);
      worst = std::max(worst, *played.connected - *without.connected);
      worst_bytes = std::max(worst_bytes, *played.done - *without.done);
      EXPECT_LT(*played.connected - *without.connected, kLongestDelay) << "from datagram " << number;
    }
    RecordProperty("instants", std::to_string(well.instants));
    RecordProperty("worst_delay_ms", std::to_string(worst / 1ms));
    std::cout << well.instants << " instants; without: " << text_of(without) << "; worst delay: connected "
              << worst / 1ms << " ms, all bytes " << worst_bytes / 1ms << " ms\n";
  }

  void expect_little_delay(Wrong what) {
    const Played without = play(seed_, GetParam(), {}, true);
    const Played played = play(seed_, GetParam(), {.what = what});
    ASSERT_TRUE(without.connected && played.connected && played.done) << text_of(played);
    std::cout << "without: " << text_of(without) << "; with: " << text_of(played) << '\n';
    EXPECT_LT(*played.connected - *without.connected, kLongestDelay);
  }

  std::uint64_t seed_ = seed();
};

TEST_P(SimRelays, OneIsDead) { expect_little_delay(Wrong::kDies); }
TEST_P(SimRelays, OneIsSlow) { expect_little_delay(Wrong::kIsSlow); }
TEST_P(SimRelays, OneGrantsNothing) { expect_little_delay(Wrong::kGrantsNothing); }
TEST_P(SimRelays, OneGrantsAndForwardsNothing) { expect_little_delay(Wrong::kDropsPeersDatagrams); }
TEST_P(SimRelays, OneDiesAtAnyInstant) { expect_all_instants(Wrong::kDies); }
TEST_P(SimRelays, OneFallsSilentAtAnyInstant) { expect_all_instants(Wrong::kDiesTowardsPeers); }
TEST_P(SimRelays, OneGoesDeafAtAnyInstant) { expect_all_instants(Wrong::kDiesFromPeers); }
TEST_P(SimRelays, OneCeasesToForwardAtAnyInstant) { expect_all_instants(Wrong::kDropsPeersDatagrams); }

// How many relays at most: QUICKET_TEST_RELAYS is set by the build.
INSTANTIATE_TEST_SUITE_P(Of, SimRelays, ::testing::Range<std::size_t>(2, QUICKET_TEST_RELAYS + 1));

}  // namespace
}  // namespace quicket::sim
