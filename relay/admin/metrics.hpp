#pragma once

#include "relay/server/snapshot.hpp"

#include <string>
#include <string_view>

namespace quicket::relay {

// metrics_text writes a relay's counters in Prometheus' text format 0.0.4. No label holds an address or a connection
// ID.
std::string metrics_text(const RelaySnapshot& snapshot, std::string_view version);

}  // namespace quicket::relay
