#pragma once

#include "tests/bench/load.hpp"

namespace quicket::bench {

// measure_wire moves a load between two ends of the engine over loopback, a thread each; relayed: through the relay's
// user-space plane, which has a thread too. Ends the program when bytes are missing.
Measured measure_wire(const Load& load, bool relayed);

}  // namespace quicket::bench
