#include "transports/relay/connector.hpp"

#include <algorithm>
#include <utility>

namespace quicket::transports {

namespace {

constexpr std::size_t kMostLeaving = 16;

}  // namespace

Connector::Connector(const RelayTarget& target, const RelayClientConfig& config)
    : target_(target),
      config_(config),
      backoff_({.first = config.timing.first_pause, .longest = config.timing.longest_pause}, config.seed),
      patience_(config.timing.handshake_patience) {}

void Connector::start(TimePoint now) {
  if (running_) return;
  running_ = true;
  if (!next_round_ || *next_round_ <= now) begin_round(now);
}

void Connector::on_leg_lost(bool was_stable, TimePoint now) {
  if (was_stable) return backoff_.reset();
  if (!next_round_) next_round_ = now + backoff_.next();
}

void Connector::stop(TimePoint now) {
  running_ = false;
  next_try_.reset();
  round_.reset();
  failure_.reset();
  for (auto& attempt : std::exchange(attempts_, {})) dismiss(std::move(attempt), now);
  if (ready_) dismiss(std::move(ready_), now);
}

void Connector::dismiss(std::unique_ptr<RelayLeg> leg, TimePoint now) {
  if (leaving_.size() >= kMostLeaving) leaving_.erase(leaving_.begin());
  leg->http().close(now);
  leaving_.push_back(std::move(leg));
}

bool Connector::owns(const ConnectionId& id) const {
  return std::ranges::any_of(attempts_, [&](const auto& attempt) { return attempt->owns(id); });
}

void Connector::receive(const Received& received, TimePoint now) {
  for (const auto& attempt : attempts_) {
    if (attempt->remote() == received.addresses.remote) attempt->http().receive(received, now);
  }
  pump(now);
}

void Connector::transmit(DatagramSink& sink, TimePoint now) {
  for (const auto& leg : std::exchange(leaving_, {})) leg->http().transmit(sink, now);
  for (const auto& attempt : attempts_) attempt->http().transmit(sink, now);
  pump(now);
}

std::optional<TimePoint> Connector::deadline() const {
  if (!running_) return std::nullopt;
  std::optional<TimePoint> earliest = next_round_ ? next_round_ : next_try_;
  for (const auto& attempt : attempts_) {
    const auto deadline = attempt->http().deadline();
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return earliest;
}

void Connector::on_deadline(TimePoint now) {
  if (!running_) return;
  if (next_round_ && *next_round_ <= now) begin_round(now);
  if (next_try_ && *next_try_ <= now) try_next(now);
  for (const auto& attempt : attempts_) attempt->http().on_deadline(now);
  pump(now);
}

std::unique_ptr<RelayLeg> Connector::take_ready(TimePoint now) {
  if (!ready_) return nullptr;
  std::unique_ptr<RelayLeg> leg = std::move(ready_);
  stop(now);
  next_round_.reset();
  patience_ = config_.timing.handshake_patience;
  auto& addresses = target_.addresses;
  std::stable_partition(addresses.begin(), addresses.end(), [&](const Address& one) { return one == leg->remote(); });
  return leg;
}

std::optional<Connector::RoundFailed> Connector::take_failure() { return std::exchange(failure_, std::nullopt); }

void Connector::begin_round(TimePoint now) {
  next_round_.reset();
  next_address_ = 0;
  round_.reset();
  try_next(now);
}

void Connector::try_next(TimePoint now) {
  next_try_.reset();
  const Address& address = target_.addresses[next_address_++];
  if (next_address_ < target_.addresses.size()) next_try_ = now + config_.timing.address_head_start;
  ++attempts_made_;
  auto leg = RelayLeg::connect(target_, config_, address, patience_, now);
  if (leg) {
    attempts_.push_back(std::move(*leg));
  } else {
    fail({leg.error(), "relay " + address.to_string() + ": " + leg.error().message()}, false);
  }
  pump(now);
}

void Connector::pump(TimePoint now) {
  for (std::size_t i = 0; i < attempts_.size() && !ready_;) {
    const auto event = attempts_[i]->poll();
    if (!event) {
      ++i;
    } else if (std::holds_alternative<Http3Client::Ready>(*event)) {
      ready_ = std::move(attempts_[i]);
      attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (const auto* closed = std::get_if<Http3Client::Closed>(&*event)) {
      fail(attempts_[i]->explain(closed->reason, now), attempts_[i]->is_pin_refused());
      dismiss(std::move(attempts_[i]), now);  // it may have a reason to tell
      attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
      if (next_try_) next_try_ = now;
    }
  }
  if (running_ && !ready_ && attempts_.empty() && !next_try_ && !next_round_) end_round(now);
}

// fail keeps the most telling reason, a wrong certificate before silence, and names all addresses that it holds for.
void Connector::fail(const Failure& why, bool pin_refused) {
  if (!round_) {
    round_ = RoundFailed{why, pin_refused};
    return;
  }
  if (round_->why.code == why.code) {
    round_->why.detail += "; " + why.detail;
  } else if (pin_refused) {
    round_->why = why;
  }
  round_->all_pins_refused = round_->all_pins_refused && pin_refused;
}

void Connector::end_round(TimePoint now) {
  failure_ = std::exchange(round_, std::nullopt);
  patience_ = std::min(2 * patience_, config_.timing.longest_handshake);
  next_round_ = now + backoff_.next();
}

}  // namespace quicket::transports
