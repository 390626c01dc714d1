#include "core/peer/leg_selector.hpp"

#include <algorithm>
#include <utility>

namespace quicket {

void LegSelector::remove(Leg leg) {
  legs_.erase(legs_.begin() + static_cast<std::ptrdiff_t>(leg));
  for (std::optional<Leg>* named : {&chosen_, &avoided_}) {
    if (!*named || **named < leg) continue;
    if (**named == leg) {
      named->reset();
    } else {
      --**named;
    }
  }
  if (state_ == State::kChosen && !chosen_) state_ = State::kTrial;
}

void LegSelector::on_opened(Leg leg) {
  legs_[leg].is_open = true;
  // What left before it was open, or before it was another one's, is missing there.
  legs_[leg].is_owed = unacknowledged_since_.has_value();
}

void LegSelector::on_closed(Leg leg, TimePoint now) {
  on_interrupted(leg, now);
  legs_[leg].is_open = false;
}

void LegSelector::on_routed(Leg leg, TimePoint now) {
  legs_[leg].suspect_until.reset();
  if (state_ == State::kChosen && leg != chosen_) try_all(now + pto_);
}

void LegSelector::on_interrupted(Leg leg, TimePoint now) {
  if (state_ != State::kChosen || leg != chosen_) return;
  suspect(leg, now);
  try_all(now);
  if (unacknowledged_since_) owe(leg);
}

void LegSelector::on_arrival(Leg leg, bool is_latest, bool acknowledged, TimePoint now) {
  legs_[leg].heard_at = now;
  if (acknowledged) {
    unacknowledged_since_.reset();
    firings_ = 0;
  }
  if (!is_latest) return;
  switch (state_) {
    case State::kBeginning:
      chosen_ = leg;
      return;
    case State::kChosen: {
      if (leg == chosen_) return;
      if (!is_dialer()) return choose(leg, now);
      if (now < doubt_after_) return;
      return try_all(now + pto_);  // the accepter would not send elsewhere if the chosen leg worked
    }
    case State::kTrouble:
      if (!is_dialer()) chosen_ = leg;
      if (!acknowledged) return;
      if (!is_suspect(leg, now)) return choose(leg, now);
      return try_all(now);
    case State::kTrial:
      if (now >= trial_until_ && !is_suspect(leg, now)) choose(leg, now);
      return;
  }
}

void LegSelector::on_flight(bool is_in_flight, Duration pto, TimePoint now) {
  if (firings_ == 0) pto_ = pto;
  if (!is_in_flight) {
    unacknowledged_since_.reset();
  } else if (!unacknowledged_since_) {
    unacknowledged_since_ = now;
  }
}

void LegSelector::end_beginning(TimePoint now) {
  if (state_ != State::kBeginning || beginning_until_) return;
  beginning_until_ = is_dialer() ? now : now + pto_;
  if (is_dialer()) leave_beginning(now);
}

void LegSelector::leave_beginning(TimePoint now) {
  if (!chosen_) return try_all(now);
  choose(*chosen_, now);
  for (Entry& entry : legs_) entry.heard_at.reset();  // these copies were no sign of doubt, on either side
  doubt_after_ = now + kStragglerPtos * pto_;
}

std::optional<TimePoint> LegSelector::deadline() const {
  if (state_ == State::kBeginning) return beginning_until_;
  if (!unacknowledged_since_ || !is_other_open(chosen_)) return std::nullopt;
  return *unacknowledged_since_ + silence();
}

void LegSelector::on_deadline(TimePoint now) {
  const auto due = deadline();
  if (!due || now < *due) return;
  if (state_ == State::kBeginning) return leave_beginning(now);
  ++firings_;
  unacknowledged_since_ = now;
  if (is_dialer() && state_ == State::kChosen) suspect(chosen_, now);
  avoided_ = !is_dialer() && firings_ % 2 == 1 ? chosen_ : std::nullopt;
  state_ = State::kTrouble;
  owe(firings_ == 1 ? chosen_ : std::nullopt);
}

bool LegSelector::uses(Leg leg, TimePoint now) const {
  const Entry& entry = legs_[leg];
  if (!entry.is_open) return false;
  switch (state_) {
    case State::kBeginning:
    case State::kTrial:
      return true;
    case State::kTrouble:
      return leg != avoided_ || !is_other_open(avoided_);
    case State::kChosen:
      break;
  }
  const bool heard_lately = entry.heard_at && now - *entry.heard_at < kCopyMemory;
  return leg == chosen_ || !legs_[*chosen_].is_open || (!is_dialer() && heard_lately);
}

bool LegSelector::take_owed(Leg leg) { return std::exchange(legs_[leg].is_owed, false); }

bool LegSelector::is_suspect(Leg leg, TimePoint now) const {
  return legs_[leg].suspect_until && now < *legs_[leg].suspect_until;
}

bool LegSelector::is_other_open(std::optional<Leg> leg) const {
  for (Leg other = 0; other < legs_.size(); ++other) {
    if (other != leg && legs_[other].is_open) return true;
  }
  return false;
}

Duration LegSelector::silence() const {
  const Duration longest = std::max(kLongestSilence, pto_);
  const Duration first = std::clamp(kSilencePtos * pto_, kShortestSilence, longest);
  return std::min(first * (1 << std::min(firings_, 4)), longest);
}

void LegSelector::suspect(std::optional<Leg> leg, TimePoint now) {
  if (leg && is_dialer()) legs_[*leg].suspect_until = now + kSuspicion;
}

void LegSelector::choose(Leg leg, TimePoint now) {
  state_ = State::kChosen;
  chosen_ = leg;
  doubt_after_ = now + kCopyMemory + kStragglerPtos * pto_;
  avoided_.reset();
}

// try_all sends on all legs at least until then.
void LegSelector::try_all(TimePoint until) {
  state_ = State::kTrial;
  trial_until_ = until;
}

// owe has the last datagrams repeated, but not where they left.
void LegSelector::owe(std::optional<Leg> all_but) {
  for (Leg leg = 0; leg < legs_.size(); ++leg) legs_[leg].is_owed = legs_[leg].is_open && leg != all_but;
}

}  // namespace quicket
