#pragma once

#include "tests/bench/load.hpp"

namespace quicket::bench {

// measure_endpoints moves a load between two Endpoints through a whole Relay, over loopback: each on an io_context and
// a thread of its own. Ends the program when bytes are missing.
Measured measure_endpoints(const Load& load);

}  // namespace quicket::bench
