#pragma once

#include <quicket/address.hpp>

#include "core/cid/connection_id.hpp"

#include <compare>
#include <cstdint>
#include <variant>

namespace quicket::relay {

// Slot is a registration's place in the tables, from 0, below Limits::registrations. A place is used again; a
// RegistrationId never.
using Slot = std::uint32_t;

struct RegistrationId {
  Slot slot = 0;
  std::uint32_t generation = 0;  // from 1
  friend auto operator<=>(const RegistrationId&, const RegistrationId&) = default;
};

// Gate says from whom a route takes packets.
enum class Gate : std::uint8_t {
  kOpen,     // anyone, rate limited: a registration without a session
  kWaiting,  // nobody yet: the session has one party, packets are held for a moment
  kPartner,  // the session's other party
};

// Route is what a forwarding plane knows of a registration.
struct Route {
  RegistrationId id;
  AddressPair target;  // where it leads, and the local address to send from
  Gate gate = Gate::kOpen;
  Address partner;            // kPartner only; by which of its own addresses the relay meets it is left out
  RegistrationId partner_id;  // kPartner only: whose sign of life its packets are
};

// What the table tells forwarding planes, in the order in which to apply it: a route before its first connection ID,
// and its last connection ID before its end.
struct RouteSet {
  Route route;
};  // is there, or differs from now on
struct RouteGone {
  Slot slot = 0;
};
struct IdAdded {
  ConnectionId id;
  Slot slot = 0;
};
struct IdRemoved {
  ConnectionId id;
};
using RouteChange = std::variant<RouteSet, RouteGone, IdAdded, IdRemoved>;

}  // namespace quicket::relay
