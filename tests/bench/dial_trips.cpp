// The dial in round trips between the peers, in virtual time: how long after the offer arrived each side may use the
// connection.

#include "tests/sim/world.hpp"

#include <cstdio>
#include <cstdlib>

namespace quicket::bench {
namespace {

using namespace sim;

constexpr Duration kRoundTrip = 50ms;  // between the peers, through the relay, which is half way

struct Trips {
  double accepter = 0, dialer = 0;
};

// measure lets alice call bob. Warm: bob's device has a connection with the relay already, from another dial.
Trips measure(bool warm) {
  World world(1);
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  world.introduce(alice, bob);
  relay.wire().delay = 0ms;
  alice.wire().delay = bob.wire().delay = kRoundTrip / 4;

  if (warm) bob.dial(alice);
  Call& dial = alice.dial(bob);
  world.run_until([&] { return dial.offer().has_value(); }, 10s);
  world.run_for(5s);
  const TimePoint start = world.now();
  Call& accepted = *bob.accept(*dial.offer()).value();
  const bool done = world.run_until([&] { return dial.connected() && accepted.connected(); }, 10s);
  if (!done) std::abort();
  const auto trips = [&](const Call& call) {
    return std::chrono::duration<double>(call.connected_at() - start) / std::chrono::duration<double>(kRoundTrip);
  };
  return {trips(accepted), trips(dial)};
}

}  // namespace
}  // namespace quicket::bench

int main() {
  using namespace quicket::bench;
  std::printf(
      "from the offer's arrival to connected (identity proven, protocol agreed), in round trips of 50 ms between the "
      "peers\n");
  for (const bool warm : {true, false}) {
    const Trips trips = measure(warm);
    std::printf("%-22s accepter %.2f   dialer %.2f\n", warm ? "warm relay connection" : "cold", trips.accepter,
                trips.dialer);
  }
  return 0;
}
