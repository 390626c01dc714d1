// What a link does with the transports that it may run on: registering there, and giving up those that fail it.
#include "core/peer/link.hpp"

#include <algorithm>
#include <utility>

namespace quicket {

void Link::add_leg(Transport& transport, std::string token, TimePoint now) {
  legs_.push_back({.transport = &transport, .token_to_show = std::move(token)});
  selector_.add();
  if (legs_.size() == 1) began_ = now;
  hold_window(now);
}

void Link::drop_ungranted_legs(TimePoint now) {
  for (LegSelector::Leg position = legs_.size(); position-- > 0;) {
    if (legs_[position].granted) continue;
    legs_[position].transport->release(key(), now);
    legs_.erase(legs_.begin() + static_cast<std::ptrdiff_t>(position));
    selector_.remove(position);
  }
}

const Leg* Link::leg_in_use() const {
  if (has_no_way()) return nullptr;
  const auto chosen = selector_.chosen();
  return chosen ? &legs_[*chosen] : nullptr;
}

void Link::on_report(Transport& transport, const TransportReport& report, TimePoint now) {
  const auto leg = std::ranges::find(legs_, &transport, &Leg::transport);
  if (leg == legs_.end() || leg->is_given_up || ended_) return;
  const auto position = static_cast<LegSelector::Leg>(leg - legs_.begin());
  if (std::holds_alternative<Opened>(report)) {
    leg->open = true;
    selector_.on_opened(position);
  } else if (const auto* granted = std::get_if<Granted>(&report)) {
    take_grant(position, *granted, now);
  } else if (const auto* interrupted = std::get_if<Interrupted>(&report)) {
    if (!leg->is_refused) leg->trouble = interrupted->why;
    selector_.on_interrupted(position, now);
  } else if (const auto* refused = std::get_if<Refused>(&report)) {
    if (refused->final) {
      give_up(position, refused->why, now);
    } else {
      leg->trouble = refused->why;
      leg->is_refused = true;
      leg->granted = false;
      selector_.on_interrupted(position, now);
    }
  }
  give_up_without_a_way(now);
}

// What has begun lives as long as one leg may come back. What begins does not wait where every relay refuses, and not
// long where none can be reached: one that restarts is back within seconds.
void Link::give_up_without_a_way(TimePoint now) {
  no_way_deadline_.reset();
  const auto refuses = [&](const Leg& leg) { return patient_ ? leg.is_given_up : leg.is_refused; };
  if (ended_ || !std::ranges::all_of(legs_, refuses)) return;
  const auto may_return = [](const Leg& leg) {
    return !leg.is_given_up && leg.trouble->code == Errc::kRelayUnreachable;
  };
  const TimePoint end = began_ + kUnreachableTimeout;
  if (!patient_ && now < end && std::ranges::any_of(legs_, may_return)) {
    no_way_deadline_ = end;
  } else {
    fail(*legs_.back().trouble, now);
  }
}

// give_up is for good: the relay would be asked again with every change of the window.
void Link::give_up(LegSelector::Leg position, Failure why, TimePoint now) {
  Leg& leg = legs_[position];
  leg.trouble = std::move(why);
  leg.is_refused = leg.is_given_up = true;
  leg.open = leg.granted = false;
  leg.transport->release(key(), now);
  selector_.on_closed(position, now);
}

void Link::take_grant(LegSelector::Leg position, const Granted& granted, TimePoint now) {
  Leg& leg = legs_[position];
  const std::uint32_t issued = connection_->schedule().issued();
  if (granted.end <= issued) {
    const std::string relay = "relay " + leg.transport->hint().addresses.front().to_string();
    return give_up(position,
                   {Errc::kRelayRefused, relay + " grants connection IDs below " + std::to_string(granted.end) +
                                             ", and " + std::to_string(issued) + " are in use"},
                   now);
  }
  const bool is_first = !leg.granted, is_back = leg.trouble.has_value();
  leg.granted = true;
  leg.trouble.reset();
  leg.is_refused = false;
  leg.token_for_offer = granted.peer_token;
  if (is_first || is_back) selector_.on_routed(position, now);
  if (is_first) push(Registered{leg.transport->hint(), granted.observed, granted.round_trip});
}

void Link::hold_window(TimePoint now) {
  for (const Leg& leg : legs_) {
    if (leg.is_given_up) continue;
    leg.transport->hold({.key = key_,
                         .session = session_,
                         .first = window_first_,
                         .num = window_end_ - window_first_,
                         .peer_token = leg.token_to_show},
                        now);
  }
}

void Link::release(TimePoint now) {
  for (const Leg& leg : legs_) leg.transport->release(key_.id().key(), now);
}

bool Link::has_no_way() const {
  return !legs_.empty() && std::ranges::all_of(legs_, [](const Leg& leg) { return leg.trouble.has_value(); });
}

Failure Link::unregistered() const {
  if (has_no_way()) return *legs_.back().trouble;
  return {Errc::kRelayUnreachable, {}};
}

}  // namespace quicket
