#include "relay/table/route_table.hpp"

#include "core/base/fair_share.hpp"
#include "core/cid/schedule.hpp"
#include "relay/table/routable.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket::relay {

namespace {

constexpr std::uint64_t kCounterEnd = std::uint64_t{1} << 32;
constexpr std::size_t kExpiredAtOnce = 4;  // registrations looked at by one expire(): a millisecond or two of work

CounterRange granted_window(const WindowRequest& request, const Limits& limits) {
  const std::uint64_t size = request.proven ? std::min(request.num, limits.window) : limits.bearer_window;
  return {request.first, std::min(request.first + size, kCounterEnd)};
}

std::uint64_t total(const std::vector<CounterRange>& ranges) {
  std::uint64_t sum = 0;
  for (const CounterRange& range : ranges) sum += range.size();
  return sum;
}

}  // namespace

std::vector<ConnectionId> derive_ids(const RegistrationKey& key, CounterRange range) {
  const auto schedule = Schedule::create(key.bytes(), Owner::kPeer);
  BOOST_ASSERT(schedule.has_value());  // RegistrationKey has the right lengths
  std::vector<ConnectionId> ids;
  ids.reserve(range.size());
  for (std::uint64_t counter = range.begin; counter < range.end; ++counter) {
    ids.push_back(schedule->at(static_cast<std::uint32_t>(counter)));
  }
  return ids;
}

RouteTable::RouteTable(const Limits& limits, OnChange on_change)
    : RouteTable(limits, std::move(on_change), derive_ids) {}

RouteTable::RouteTable(const Limits& limits, OnChange on_change, DeriveIds derive)
    : limits_(limits),
      on_change_(std::move(on_change)),
      derive_(std::move(derive)),
      routes_(limits.ids, limits.registrations),
      sessions_(limits.sessions) {
  by_key_.reserve(limits.registrations);
  entries_.reserve(limits.registrations);
}

boost::system::result<Grant, Refused> RouteTable::register_window(const WindowRequest& request, TimePoint now) {
  if (request.first == 0 || request.num == 0) return refuse(Refusal::kBadWindow);
  const auto known = by_key_.find(request.key);
  const Entry* old = known == by_key_.end() ? nullptr : &entries_[known->second];
  if (const auto refusal = check_place(request, old)) return refuse(*refusal);

  const CounterRange window = granted_window(request, limits_);
  const auto missing = old != nullptr ? old->window.missing(window) : std::vector{window};
  if (const auto refusal = check_room(request, old, total(missing))) return refuse(*refusal);

  std::vector<ConnectionId> ids;
  for (const CounterRange& range : missing) {
    const auto more = derive_(request.key, range);
    ids.insert(ids.end(), more.begin(), more.end());
  }
  const auto held = [&](const ConnectionId& id) { return routes_.find(id) != nullptr; };
  if (std::ranges::any_of(ids, held)) return refuse(Refusal::kConflict);

  // Everything is checked: from here on nothing fails.
  const Slot slot = old != nullptr ? known->second : occupy(request);
  Entry& entry = entries_[slot];
  entry.refreshed = now;
  entry.connection = request.connection;
  if (old == nullptr) {
    if (request.session) sessions_.enter(*request.session, request.key, slot);
    publish_routes(slot);
  } else if (entry.target != request.target) {
    retarget(entry, request.target, request.quota_address);
    publish_routes(slot);
  }
  const auto left_behind =
      entry.window.slide(window, now + kSlideGrace, std::max(limits_.window, limits_.bearer_window));
  quota_.add(entry.quota_address, {.ids = total(missing)});
  drop_ids(entry, left_behind);
  for (const ConnectionId& id : ids) publish(IdAdded{id, slot});
  queue(slot);
  ++(old != nullptr ? counters_.refreshed : counters_.granted);
  return Grant{.id = {slot, entry.generation},
               .first = request.first,
               .num = static_cast<std::uint32_t>(window.size()),
               .lease = limits_.quiet_lease};
}

void RouteTable::set_limits(const Limits& limits) {
  const Limits old = std::exchange(limits_, limits);
  limits_.registrations = old.registrations;
  limits_.ids = old.ids;
  limits_.sessions = old.sessions;
}

bool RouteTable::release(const RegistrationKey& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  remove(found->second);
  ++counters_.released;
  return true;
}

bool RouteTable::move(const RegistrationKey& key, std::uint64_t connection, const AddressPair& target,
                      const Address& quota_address) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || key.is_bearer() || !is_routable(target.remote, limits_.allow_special)) return false;
  Entry& entry = entries_[found->second];
  if (entry.connection != connection) return false;
  const Share share{.registrations = 1, .ids = entry.window.held_count()};
  if (entry.quota_address != quota_address && !quota_.fits(quota_address, share, share_of_one())) return false;
  retarget(entry, target, quota_address);
  publish_routes(found->second);
  return true;
}

void RouteTable::heard(RegistrationId id, TimePoint at) {
  const Route* route = routes_.at(id.slot);
  if (route == nullptr || route->id != id) return;
  const auto renew = [&](const Route& one) {
    Entry& entry = entries_[one.id.slot];
    entry.heard = std::max(entry.heard, at);  // its place in the queue is only ever too early: expire() finds out
  };
  if (route->gate != Gate::kOpen) return renew(*route);
  for (route = routes_.open_route_to(route->target.remote); route != nullptr; route = routes_.next_open_route(*route)) {
    renew(*route);
  }
}

void RouteTable::expire(TimePoint now) {
  for (std::size_t looked = 0; looked < kExpiredAtOnce; ++looked) {
    const auto slot = deadlines_.pop_due(now);
    if (!slot) return;
    Entry& entry = entries_[*slot];
    if (lease_end(entry) <= now) {
      remove(*slot);
      ++counters_.expired;
      continue;
    }
    drop_ids(entry, entry.window.expire(now));
    queue(*slot);
  }
}

std::optional<RouteTable::Registration> RouteTable::find(const RegistrationKey& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  const Entry& entry = entries_[found->second];
  const CounterRange window = entry.window.stated();
  return Registration{.id = {found->second, entry.generation},
                      .connection = entry.connection,
                      .target = entry.target,
                      .first = static_cast<std::uint32_t>(window.begin),
                      .num = static_cast<std::uint32_t>(window.size()),
                      .session = entry.session,
                      .lease_ends = lease_end(entry)};
}

std::optional<Refusal> RouteTable::check_place(const WindowRequest& request, const Entry* old) const {
  if (!request.proven && !request.key.is_bearer()) return Refusal::kNotProven;
  if (!is_routable(request.target.remote, limits_.allow_special)) return Refusal::kUnroutable;
  if (old != nullptr) {
    const bool same_place = old->target.remote == request.target.remote;
    if (request.key.is_bearer() && !same_place) return Refusal::kBearerFromElsewhere;
    if (old->session != request.session) return Refusal::kOtherSession;
    return std::nullopt;
  }
  if (request.session && standing(*request.session, request.key) == Sessions::Standing::kThird) {
    return Refusal::kAnsweredElsewhere;
  }
  return std::nullopt;
}

std::optional<Refusal> RouteTable::check_room(const WindowRequest& request, const Entry* old,
                                              std::uint64_t new_ids) const {
  Share more{.registrations = 0, .ids = new_ids};
  const bool stays = old != nullptr && old->quota_address == request.quota_address;
  if (!stays) more.registrations = 1;
  if (!stays && old != nullptr) more.ids += old->window.held_count();
  if (!quota_.fits(request.quota_address, more, share_of_one())) return Refusal::kOverQuota;

  if (routes_.size() + new_ids > limits_.ids) return Refusal::kFull;
  if (old != nullptr) return std::nullopt;
  if (by_key_.size() >= limits_.registrations) return Refusal::kFull;
  const bool opens = request.session && standing(*request.session, request.key) == Sessions::Standing::kFirst;
  if (opens && sessions_.is_full()) return Refusal::kFull;
  return std::nullopt;
}

Share RouteTable::share_of_one() const {
  return {.registrations = fair_share(limits_.registrations_per_address, by_key_.size(), limits_.registrations),
          .ids = fair_share(limits_.ids_per_address, routes_.size(), limits_.ids)};
}

Refused RouteTable::refuse(Refusal reason) {
  ++counters_.refused[static_cast<std::size_t>(reason)];
  const bool may_pass = reason == Refusal::kOverQuota || reason == Refusal::kFull;
  return {reason, may_pass ? limits_.retry_after : Duration::zero()};
}

Slot RouteTable::occupy(const WindowRequest& request) {
  Slot slot = static_cast<Slot>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  const std::uint32_t generation = entries_[slot].generation + 1;
  entries_[slot] = {.generation = generation,
                    .key = request.key,
                    .session = request.session,
                    .target = request.target,
                    .quota_address = request.quota_address};
  by_key_.emplace(request.key, slot);
  quota_.add(request.quota_address, {.registrations = 1});
  return slot;
}

void RouteTable::remove(Slot slot) {
  Entry& entry = entries_[slot];
  const RegistrationKey key = *entry.key;
  deadlines_.erase(entry.queued, slot);
  drop_ids(entry, entry.window.held());
  const auto partner = entry.session ? sessions_.partner(*entry.session, key) : std::nullopt;
  if (entry.session) sessions_.leave(*entry.session, key);
  quota_.remove(entry.quota_address, {.registrations = 1});
  by_key_.erase(key);
  entry = {.generation = entry.generation};
  free_.push_back(slot);
  publish(RouteGone{slot});
  if (partner) publish_route(*partner);
}

void RouteTable::retarget(Entry& entry, const AddressPair& target, const Address& quota_address) {
  if (entry.quota_address != quota_address) {
    const Share share{.registrations = 1, .ids = entry.window.held_count()};
    quota_.add(quota_address, share);
    quota_.remove(entry.quota_address, share);
    entry.quota_address = quota_address;
  }
  entry.target = target;
  ++counters_.moved;
}

void RouteTable::drop_ids(Entry& entry, const std::vector<CounterRange>& ranges) {
  for (const CounterRange& range : ranges) {
    for (const ConnectionId& id : derive_(*entry.key, range)) publish(IdRemoved{id});
  }
  quota_.remove(entry.quota_address, {.ids = total(ranges)});
}

void RouteTable::publish(const RouteChange& change) {
  routes_.apply(change);
  if (on_change_) on_change_(change);
}

void RouteTable::publish_route(Slot slot) {
  const Entry& entry = entries_[slot];
  Route route{.id = {slot, entry.generation}, .target = entry.target};
  if (entry.session) {
    const auto partner = sessions_.partner(*entry.session, *entry.key);
    route.gate = partner ? Gate::kPartner : Gate::kWaiting;
    if (partner) {
      route.partner = entries_[*partner].target.remote;
      route.partner_id = {*partner, entries_[*partner].generation};
    }
  }
  publish(RouteSet{route});
}

void RouteTable::publish_routes(Slot slot) {
  publish_route(slot);
  const Entry& entry = entries_[slot];
  if (!entry.session) return;
  if (const auto partner = sessions_.partner(*entry.session, *entry.key)) publish_route(*partner);
}

void RouteTable::queue(Slot slot) {
  Entry& entry = entries_[slot];
  deadlines_.erase(entry.queued, slot);
  entry.queued = lease_end(entry);
  if (const auto grace = entry.window.deadline()) entry.queued = std::min(entry.queued, *grace);
  deadlines_.insert(entry.queued, slot);
}

TimePoint RouteTable::lease_end(const Entry& entry) const {
  return std::min(std::max(entry.refreshed, entry.heard) + limits_.quiet_lease,
                  entry.refreshed + limits_.absolute_lease);
}

}  // namespace quicket::relay
