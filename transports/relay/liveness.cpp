#include "transports/relay/liveness.hpp"

#include <algorithm>

namespace quicket::transports {

void Liveness::on_sent(TimePoint now) {
  if (!traffic_at_ || now - *traffic_at_ >= timing_.quiet_after) armed_ = true;
  traffic_at_ = now;
  if (!unanswered_since_) unanswered_since_ = now;
}

void Liveness::on_received(TimePoint now) {
  armed_ = true;
  traffic_at_ = received_at_ = now;
  unanswered_since_.reset();
}

void Liveness::on_answer() { unanswered_since_.reset(); }

std::optional<TimePoint> Liveness::deadline() const {
  if (!armed_) return std::nullopt;
  std::optional<TimePoint> earliest;
  if (unanswered_since_) earliest = *unanswered_since_ + timing_.silence;
  if (received_at_) {
    const TimePoint quiet = *received_at_ + timing_.quiet_after;
    earliest = std::min(earliest.value_or(quiet), quiet);
  }
  return earliest;
}

bool Liveness::on_deadline(TimePoint now) {
  const auto due = deadline();
  if (!due || now < *due) return false;
  armed_ = false;
  unanswered_since_.reset();
  received_at_.reset();
  return true;
}

}  // namespace quicket::transports
