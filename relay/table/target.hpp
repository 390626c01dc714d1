#pragma once

#include <quicket/address.hpp>

#include <compare>
#include <cstdint>
#include <variant>

#include "core/base/quota_address.hpp"

namespace quicket::relay {

// TunnelId names a client's TCP tunnel, which user space owns (docs/protocol.md "Where UDP is blocked"). Never used
// twice.
struct TunnelId {
  std::uint64_t number = 0;
  friend auto operator<=>(const TunnelId&, const TunnelId&) = default;
};

// Target is where a route leads: a remote address and the local one to send from, or a tunnel.
using Target = std::variant<AddressPair, TunnelId>;

// Party is whom a datagram came from or goes to, as far as sessions care: on which of its own addresses the relay meets
// them is left out.
using Party = std::variant<Address, TunnelId>;

Party party_of(const Target& target) noexcept;

// is_routable says whether anything may ever be sent there: never to unspecified or multicast addresses or port 0; to
// loopback and link-local ones only with `allow_special`. Tunnels always are.
bool is_routable(const Target& target, bool allow_special) noexcept;

}  // namespace quicket::relay
