#include "relay/forward/userspace_forwarder.hpp"

#include <utility>

namespace quicket::relay {

namespace {

constexpr std::size_t kMaxSegments = 64;      // that Linux takes in one UDP_SEGMENT send
constexpr std::size_t kMaxDatagram = 65'507;  // bytes of UDP payload over IPv4, and in one such send

}  // namespace

UserspaceForwarder::UserspaceForwarder(const Routes& routes, DatagramSink& sink, Http3 http3,
                                       const ForwardOptions& options)
    : routes_(routes), sink_(sink), http3_(std::move(http3)), options_(options), held_(options.hold) {}

void UserspaceForwarder::receive(std::span<const Received> datagrams, TimePoint now) {
  // Where one may go the next of its kind may go too: a run costs one decision.
  const Route* route = nullptr;
  const Received* before = nullptr;
  for (const Received& datagram : datagrams) {
    const bool same = route != nullptr && datagram.addresses.remote == before->addresses.remote &&
                      is_alike(before->bytes, datagram.bytes);
    if (same) {
      forward(route->target, datagram);
    } else {
      route = judge(datagram, now);
    }
    before = &datagram;
  }
  flush();
}

const Route* UserspaceForwarder::judge(const Received& datagram, TimePoint now) {
  const Address& from = datagram.addresses.remote;
  const Verdict verdict = decide(routes_, datagram.bytes, from);
  switch (verdict.kind) {
    case Verdict::Kind::kDrop:
      drop(verdict.reason);
      break;
    case Verdict::Kind::kHold:
      if (held_.hold(verdict.route->id.slot, from, datagram.ecn, datagram.bytes, now)) {
        ++counters_.held;
      } else {
        drop(DropReason::kHoldFull);
      }
      return nullptr;
    case Verdict::Kind::kForward:
      if (verdict.route->gate == Gate::kOpen && !state(verdict.route->id).rate.take(now)) {
        drop(DropReason::kRateLimited);
        return nullptr;
      }
      forward(verdict.route->target, datagram);
      break;
    case Verdict::Kind::kHttp3:
      ++counters_.http3;
      flush();
      http3_(datagram, now);
      return nullptr;
  }
  if (verdict.heard) note(*verdict.heard, now);
  const bool in_session = verdict.kind == Verdict::Kind::kForward && verdict.route->gate == Gate::kPartner;
  return in_session ? verdict.route : nullptr;
}

void UserspaceForwarder::forward(const AddressPair& target, const Received& datagram) {
  ++counters_.forwarded;
  counters_.forwarded_bytes += datagram.bytes.size();
  const std::size_t size = datagram.bytes.size();
  const bool continues = run_.segments > 0 && run_.segments < kMaxSegments && run_.addresses == target &&
                         run_.ecn == datagram.ecn && run_.bytes.data() + run_.bytes.size() == datagram.bytes.data() &&
                         run_.bytes.size() == run_.segments * run_.segment_size &&  // no shorter one has ended it
                         size <= run_.segment_size && run_.bytes.size() + size <= kMaxDatagram;
  if (!continues) {
    flush();
    run_ = {.addresses = target, .ecn = datagram.ecn, .bytes = datagram.bytes, .segment_size = size, .segments = 1};
    return;
  }
  run_.bytes = {run_.bytes.data(), run_.bytes.size() + size};
  ++run_.segments;
}

void UserspaceForwarder::flush() {
  if (run_.segments == 0) return;
  const Run run = std::exchange(run_, {});
  sink_.send(run.addresses, {.bytes = run.bytes, .segment_size = run.segment_size, .ecn = run.ecn});
}

void UserspaceForwarder::expire(TimePoint now) { drop(DropReason::kHoldEnded, held_.expire(now)); }

void UserspaceForwarder::apply(const RouteChange& change) {
  if (const auto* gone = std::get_if<RouteGone>(&change)) drop(DropReason::kHoldEnded, held_.take(gone->slot).size());
  const auto* set = std::get_if<RouteSet>(&change);
  if (set == nullptr) return;
  state(set->route.id);  // made here, so that no packet waits for it
  if (set->route.gate != Gate::kPartner) return;
  for (const HeldFlight& flight : held_.take(set->route.id.slot)) {
    if (flight.from != set->route.partner) {
      drop(DropReason::kHoldEnded);
      continue;
    }
    ++counters_.released;
    forward(set->route.target, {.ecn = flight.ecn, .bytes = flight.datagram});
    flush();  // the flight ends with this turn
  }
}

std::vector<Activity> UserspaceForwarder::take_activity() {
  std::vector<Activity> activity;
  activity.reserve(active_.size());
  for (const Slot slot : active_) {
    State& state = states_[slot];
    state.active = false;
    activity.push_back({state.id, state.heard});
  }
  active_.clear();
  return activity;
}

void UserspaceForwarder::note(RegistrationId id, TimePoint now) {
  State& one = state(id);
  one.heard = now;
  if (std::exchange(one.active, true)) return;
  active_.push_back(id.slot);
}

UserspaceForwarder::State& UserspaceForwarder::state(RegistrationId id) {
  const State fresh{.id = id, .rate = {options_.open_packets_per_second, options_.open_burst}};
  if (id.slot >= states_.size()) states_.resize(id.slot + 1, fresh);
  State& one = states_[id.slot];
  if (one.id != id) {
    const bool listed = one.active;  // in active_: the new registration takes that place, unheard so far
    one = fresh;
    one.active = listed;
  }
  return one;
}

}  // namespace quicket::relay
