#include "transports/relay/lease_upkeep.hpp"

namespace quicket::transports {

LeaseUpkeep::LeaseUpkeep(TimePoint granted, Timing timing) : timing_(timing) { on_grant(granted); }

void LeaseUpkeep::on_question(Duration patience, TimePoint now) {
  if (state_ != State::kHeld) return;
  state_ = State::kAsked;
  deadline_ = now + patience;
}

void LeaseUpkeep::on_arrival() {
  if (state_ == State::kAsked) deadline_.reset();
}

void LeaseUpkeep::on_grant(TimePoint now) {
  if (state_ == State::kLost) return;
  const std::chrono::duration<double, std::nano> share =
      std::chrono::duration<double, std::nano>(timing_.lease) * timing_.refresh_at;
  state_ = State::kHeld;
  refresh_point_ = now + std::chrono::duration_cast<Duration>(share);
  deadline_ = refresh_point_;
}

void LeaseUpkeep::on_refusal(TimePoint now, TimePoint retry) {
  if (state_ != State::kAsked) return;
  state_ = State::kHeld;
  deadline_ = refresh_point_ > now ? refresh_point_ : retry;
}

LeaseUpkeep::Action LeaseUpkeep::on_deadline(TimePoint now) {
  if (!deadline_ || now < *deadline_) return Action::kNothing;
  deadline_.reset();
  if (state_ == State::kHeld) return Action::kRefresh;
  state_ = State::kLost;
  return Action::kRegisterAgain;
}

}  // namespace quicket::transports
