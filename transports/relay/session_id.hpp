#pragma once

#include <quicket/bytes.hpp>
#include <quicket/relay_url.hpp>

#include "core/transport/relay_hint.hpp"

#include <array>
#include <optional>
#include <string>

namespace quicket::transports {

// RelaySessionId is what both peers of a session present at one relay; it tells nothing about what they present at
// another.
using RelaySessionId = std::array<std::byte, 16>;

// relay_session_id derives it (docs/protocol.md "Registration"): by the relay's pin, or by its host name (in lower
// case) where the web's PKI vouches for it.
RelaySessionId relay_session_id(const SessionSecret& secret, const std::optional<RelayPin>& pin,
                                const std::string& host);

}  // namespace quicket::transports
