#pragma once

#include "core/cid/connection_id.hpp"
#include "relay/table/keyed_hash.hpp"
#include "relay/table/route.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <vector>

namespace quicket::relay {

// Routes is what the forwarding decision reads: connection IDs, where they lead, and who sent registrations. The
// control plane has one; each further forwarding thread may keep its own by applying the same changes in the same
// order. A lookup takes no lock and allocates nothing. Thread safety: const calls at once from any threads, none during
// apply().
class Routes {
 public:
  // Routes makes room for so many connection IDs and registrations at once: address space, which costs no memory before
  // it is used. So no packet waits for a growing table.
  Routes(std::size_t ids, std::size_t registrations);

  // apply brings in one change of a RouteTable.
  void apply(const RouteChange& change);

  // find gives the route of a connection ID, at the route of a slot; nullptr when there is none. Borrowed until the
  // next apply().
  const Route* find(const ConnectionId& id) const noexcept;
  const Route* at(Slot slot) const noexcept;

  // holds_registration: some route leads to this party.
  bool holds_registration(const Address& party) const noexcept { return parties_.contains(party); }
  // open_route_to is one of the routes without a session that lead to this party, next_open_route another after it;
  // nullptr: no more.
  const Route* open_route_to(const Address& party) const noexcept;
  const Route* next_open_route(const Route& route) const noexcept;

  std::size_t size() const noexcept { return ids_.size(); }  // connection IDs

 private:
  static constexpr Slot kNone = ~Slot{0};
  struct Entry {
    bool used = false;
    Route route;
    Slot next = kNone, previous = kNone;  // among the open routes of the same party
  };
  struct Holder {
    std::size_t routes = 0;
    Slot first_open = kNone;
  };

  void apply_one(const RouteSet& change);
  void apply_one(const RouteGone& change);
  void apply_one(const IdAdded& change);
  void apply_one(const IdRemoved& change);
  void link(Slot slot);
  void unlink(Slot slot);

  boost::unordered_flat_map<ConnectionId, Slot, ConnectionIdHash> ids_;
  boost::unordered_flat_map<Address, Holder, KeyedHash> parties_;
  std::vector<Entry> entries_;
};

}  // namespace quicket::relay
