#pragma once

#include "tests/bench/load.hpp"

namespace quicket::bench {

struct Wire {
  bool relayed = false;                // through the relay's user-space plane
  std::size_t max_udp_payload = 1200;  // bytes; larger: the path's MTU is probed for
};

// measure_wire moves a load between two ends of the engine over loopback, a thread each and one for the relay. Ends the
// program when bytes are missing.
Measured measure_wire(const Load& load, const Wire& wire);

}  // namespace quicket::bench
