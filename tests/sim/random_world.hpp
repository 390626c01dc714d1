#pragma once

#include "tests/sim/world.hpp"

#include <cstdint>
#include <string>

namespace quicket::sim {

// Verdict is what became of a random world.
struct Verdict {
  std::string trouble;  // empty: both sides connected, and all bytes arrived intact both ways
  Duration virtual_time{};
  int restarts = 0;  // of the relay
};

// play_random_world makes a world whose every property follows from the seed: the kinds of translation, delays, up to
// 10 % of loss on each of the two hops, datagrams that overtake each other and come twice, up to ten minutes that the
// offer waits in its carrier, and a relay that restarts at random instants, with gaps of up to three seconds.
Verdict play_random_world(std::uint64_t seed);

}  // namespace quicket::sim
