#include "transports/relay/registration.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace quicket::transports {

RelayRegistration::RelayRegistration(const Registration& wanted, Timing timing) : wanted_(wanted), timing_(timing) {
  wanted_.num = 0;
  wanted_.first = 1;
  change(wanted);
}

void RelayRegistration::change(const Registration& wanted) {
  constexpr std::uint64_t kLastEnd = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t first = std::min<std::uint64_t>(std::max(wanted_.first, wanted.first), kLastEnd - 1);
  const std::uint64_t end =
      std::max<std::uint64_t>(window().end(), std::max<std::uint64_t>(wanted.first, 1) + wanted.num);
  wanted_.first = static_cast<std::uint32_t>(first);
  wanted_.num = static_cast<std::uint32_t>(std::max(first + 1, std::min(end, kLastEnd)) - first);
  if (!wanted.peer_token.empty()) wanted_.peer_token = wanted.peer_token;
  if (std::exchange(is_releasing_, false)) {  // taken back before the relay heard of it, or with it: state all anew
    settled_.reset();
    report_due_ = true;
  }
}

bool RelayRegistration::wants_to_ask(TimePoint now) const {
  if (asked_) return false;
  if (is_releasing_) return opened_;
  if (waits_to_retry(now)) return refresh_due_ && grant_;
  return refresh_due_ || settled_ != window();
}

RelayRegistration::Question RelayRegistration::ask(Duration patience, TimePoint now) {
  BOOST_ASSERT(wants_to_ask(now));
  Question question{.window = window(), .with_proof = !proven_};
  if (is_releasing_) {
    question.kind = Question::Kind::kRelease;
  } else if (waits_to_retry(now)) {
    question.window = grant_->window;  // what is held must not end while more of it is refused
  } else {
    retry_at_.reset();
  }
  asked_ = question;
  proven_ = opened_ = true;
  refresh_due_ = false;
  if (lease_) lease_->on_question(patience, now);
  return question;
}

RelayRegistration::Verdict RelayRegistration::on_answer(const HttpResponse& answer, const std::string& relay,
                                                        TimePoint now) {
  BOOST_ASSERT(asked_);
  if (asked_->kind == Question::Kind::kRelease) return on_released();
  auto read = read_register_answer(answer, asked_->window, relay);
  if (auto* grant = std::get_if<Grant>(&read)) return on_grant(std::move(*grant), now);
  return on_denial(std::get<Denial>(read), now);
}

RelayRegistration::Verdict RelayRegistration::on_grant(Grant grant, TimePoint now) {
  settled_ = asked_->window;
  asked_.reset();
  refusals_ = 0;
  const bool is_news = report_due_ || !grant_ || grant_->window != grant.window || grant_->observed != grant.observed;
  grant_ = std::move(grant);
  lease_.emplace(now, LeaseUpkeep::Timing{.lease = grant_->lease, .refresh_at = timing_.refresh_at});
  if (is_releasing_) return Verdict::kNothing;
  report_due_ = false;
  return is_news ? Verdict::kGranted : Verdict::kNothing;
}

RelayRegistration::Verdict RelayRegistration::on_denial(const Denial& denial, TimePoint now) {
  const bool had_proof = asked_->with_proof;
  asked_.reset();
  if (is_releasing_) return Verdict::kOver;
  if (denial.unproven && !had_proof) {  // the relay no longer knows that the key was proven: once more, with a proof
    proven_ = false;
    settled_.reset();
    return Verdict::kNothing;
  }
  why_ = denial.why;
  if (denial.final) return Verdict::kOver;
  constexpr int kMostDoublings = 16;
  const int factor = 1 << std::min(refusals_++, kMostDoublings);
  const Duration least = factor * (denial.retry_after ? timing_.shortest_retry_pause : timing_.retry_pause);
  retry_at_ = now + std::min(std::max(least, denial.retry_after.value_or(least)), timing_.longest_retry_pause);
  if (lease_) lease_->on_refusal(now, *retry_at_);
  return Verdict::kRefused;
}

RelayRegistration::Verdict RelayRegistration::on_released() {
  asked_.reset();
  settled_.reset();
  grant_.reset();
  lease_.reset();
  return is_releasing_ ? Verdict::kOver : Verdict::kNothing;
}

RelayRegistration::Verdict RelayRegistration::on_failure(const Failure& why, TimePoint now) {
  BOOST_ASSERT(asked_);
  if (asked_->kind == Question::Kind::kRelease) return on_released();
  return on_denial({.why = why, .retry_after = std::nullopt}, now);
}

bool RelayRegistration::on_connection_lost() {
  const bool had_something = opened_ || grant_;
  if (grant_) retry_at_.reset();
  grant_.reset();
  on_new_connection();
  return had_something;
}

void RelayRegistration::on_new_connection() {
  asked_.reset();
  settled_.reset();
  lease_.reset();
  opened_ = proven_ = false;
  refresh_due_ = grant_.has_value();
  report_due_ = true;
}

std::optional<TimePoint> RelayRegistration::deadline() const {
  std::optional<TimePoint> earliest = lease_ ? lease_->deadline() : std::nullopt;
  if (retry_at_ && !asked_) earliest = std::min(earliest.value_or(*retry_at_), *retry_at_);
  return earliest;
}

LeaseUpkeep::Action RelayRegistration::on_deadline(TimePoint now) {
  if (retry_at_ && *retry_at_ <= now && !asked_) {
    retry_at_.reset();
    settled_.reset();
  }
  if (!lease_) return LeaseUpkeep::Action::kNothing;
  const LeaseUpkeep::Action action = lease_->on_deadline(now);
  if (action == LeaseUpkeep::Action::kRefresh) refresh_due_ = true;
  return action;
}

void RelayRegistration::on_arrival() {
  if (lease_) lease_->on_arrival();
}

}  // namespace quicket::transports
