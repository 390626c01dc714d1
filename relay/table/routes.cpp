#include "relay/table/routes.hpp"

#include <boost/assert.hpp>

namespace quicket::relay {

Routes::Routes(std::size_t ids, std::size_t registrations) {
  ids_.reserve(ids);
  parties_.reserve(registrations);
  entries_.reserve(registrations);
}

void Routes::apply(const RouteChange& change) {
  std::visit([this](const auto& one) { apply_one(one); }, change);
}

const Route* Routes::find(const ConnectionId& id) const noexcept {
  const auto found = ids_.find(id);
  return found == ids_.end() ? nullptr : at(found->second);
}

const Route* Routes::at(Slot slot) const noexcept {
  return slot < entries_.size() && entries_[slot].used ? &entries_[slot].route : nullptr;
}

const Route* Routes::open_route_to(const Address& party) const noexcept {
  const auto holder = parties_.find(party);
  return holder == parties_.end() ? nullptr : at(holder->second.first_open);
}

const Route* Routes::next_open_route(const Route& route) const noexcept { return at(entries_[route.id.slot].next); }

void Routes::apply_one(const RouteSet& change) {
  const Slot slot = change.route.id.slot;
  if (slot >= entries_.size()) entries_.resize(slot + 1);
  if (entries_[slot].used) unlink(slot);
  entries_[slot] = {.used = true, .route = change.route};
  link(slot);
}

void Routes::apply_one(const RouteGone& change) {
  BOOST_ASSERT(at(change.slot) != nullptr);
  unlink(change.slot);
  entries_[change.slot] = {};
}

void Routes::apply_one(const IdAdded& change) {
  BOOST_ASSERT(at(change.slot) != nullptr && change.id.length() == ConnectionId::kDefaultLength);
  ids_.insert_or_assign(change.id, change.slot);
}

void Routes::apply_one(const IdRemoved& change) { ids_.erase(change.id); }

void Routes::link(Slot slot) {
  Entry& entry = entries_[slot];
  Holder& holder = parties_[entry.route.target.remote];
  ++holder.routes;
  if (entry.route.gate != Gate::kOpen) return;
  entry.next = holder.first_open;
  if (entry.next != kNone) entries_[entry.next].previous = slot;
  holder.first_open = slot;
}

void Routes::unlink(Slot slot) {
  const Entry& entry = entries_[slot];
  const auto holder = parties_.find(entry.route.target.remote);
  BOOST_ASSERT(holder != parties_.end());
  if (entry.next != kNone) entries_[entry.next].previous = entry.previous;
  if (entry.previous != kNone) entries_[entry.previous].next = entry.next;
  if (holder->second.first_open == slot) holder->second.first_open = entry.next;
  if (--holder->second.routes == 0) parties_.erase(holder);
}

}  // namespace quicket::relay
