#include "transports/endpoint/listener_state.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace quicket::detail {

ListenerState::ListenerState(const Strand& strand, Answerer& answerer, AcceptOptions options, std::size_t backlog)
    : strand_(strand), answerer_(answerer), options_(std::move(options)), backlog_(backlog) {}

void ListenerState::start(std::vector<Carrier> carriers) {
  receiving_ = carriers.size();
  for (Carrier& carrier : carriers) {
    const std::string name = carrier.info().name;
    auto on_offer = [strand = strand_, name, weak = weak_from_this()](Bytes offer, OfferReply reply) {
      asio::post(strand, [weak, held = Held{name, std::move(offer), std::move(reply)}]() mutable {
        if (const auto self = weak.lock()) self->on_offer(std::move(held));
      });
    };
    auto done = [strand = strand_, name, weak = weak_from_this()](Outcome<> outcome) {
      asio::post(strand, [weak, name, outcome = std::move(outcome)] {
        if (const auto self = weak.lock()) self->on_carrier_done(name, outcome);
      });
    };
    if (options_.pairing) {
      const auto fits = check_exposure(carrier.info(), OfferKind::kPairing, options_.allow_exposed);
      if (!fits) {
        done(fits.error());
        continue;
      }
    }
    auto call = CarrierCall::receive(std::move(carrier), std::nullopt, on_offer, done);
    if (call) {
      calls_.push_back(std::move(*call));
    } else {
      done(call.error());
    }
  }
}

void ListenerState::tell(Progress progress) {
  if (!options_.on_progress) return;
  asio::post(strand_, [on_progress = options_.on_progress, progress = std::move(progress)] { on_progress(progress); });
}

bool ListenerState::is_new(const OfferId& id) {
  if (!seen_.insert(id).second) return false;
  seen_order_.push_back(id);
  if (seen_order_.size() > kRemembered) {
    seen_.erase(seen_order_.front());
    seen_order_.pop_front();
  }
  return true;
}

void ListenerState::on_offer(Held held) {
  if (stopped_) return;
  held_.push_back(std::move(held));
  serve();
}

void ListenerState::serve() {
  while (!stopped_ && !held_.empty() && judging_ + attempts_.size() + ready_.size() < backlog_) {
    Held held = std::move(held_.front());
    held_.pop_front();
    if (!is_new(offer_id(held.offer))) {
      tell(OfferDuplicate{held.carrier});
      held.reply(OfferVerdict::kDuplicate);
      continue;
    }
    tell(OfferReceived{held.carrier, held.offer.size()});
    ++judging_;
    Bytes offer = std::move(held.offer);
    auto attempt = std::make_shared<std::optional<Answerer::Accepted>>();
    auto judged = [weak = weak_from_this(), held = std::move(held), attempt](Outcome<Answerer::Accepted> verdict) {
      if (verdict) *attempt = *verdict;
      if (const auto self = weak.lock()) self->on_judged(held, verdict);
    };
    auto done = [weak = weak_from_this(), attempt](Outcome<Connection> outcome) {
      if (const auto self = weak.lock())
        self->on_attempt_done((*attempt)->attempt, (*attempt)->from, std::move(outcome));
    };
    answerer_.answer(std::move(offer), options_, std::move(judged), std::move(done));
  }
  while (!waiting_.empty() && !ready_.empty()) {
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    Outcome<Connection> next = std::move(ready_.front());
    ready_.pop_front();
    first.pending.complete(std::move(next));
  }
  const bool over = receiving_ == 0 && held_.empty() && judging_ == 0 && attempts_.empty();
  if (!over) return;
  for (auto& waiting : std::exchange(waiting_, {})) waiting.pending.complete(end());
}

Failure ListenerState::end() const {
  if (!has_connected_ && offer_failure_) return *offer_failure_;
  return carrier_failure_.value_or(Failure{Errc::kCarrierNothing, {}});
}

void ListenerState::on_judged(const Held& held, const Outcome<Answerer::Accepted>& verdict) {
  --judging_;
  if (verdict) {
    tell(OfferAccepted{verdict->from, verdict->kind});
    held.reply(OfferVerdict::kAccepted);
    if (stopped_) return answerer_.cancel_attempt(verdict->attempt);
    attempts_.insert(verdict->attempt);
    return;
  }
  if (stopped_) return;
  tell(OfferRefused{held.carrier, verdict.error()});
  held.reply(OfferVerdict::kRefused);
  offer_failure_ = verdict.error();
  serve();
}

void ListenerState::on_attempt_done(OperationId attempt, const PeerId& from, Outcome<Connection> outcome) {
  attempts_.erase(attempt);
  if (stopped_) return;
  if (outcome) {
    has_connected_ = true;
    ready_.push_back(std::move(*outcome));
  } else {
    offer_failure_ = outcome.error();
    tell(AttemptFailed{from, outcome.error()});
  }
  serve();
}

void ListenerState::on_carrier_done(const std::string& carrier, const Outcome<>& outcome) {
  if (stopped_) return;
  --receiving_;
  if (outcome.has_error()) {
    carrier_failure_ = outcome.error();
    if (outcome.error().code != Errc::kCarrierNothing) offer_failure_.reset();  // this is what matters now
    tell(CarrierStopped{carrier, outcome.error()});
  }
  serve();
}

void ListenerState::accept(OperationId id, Pending<Outcome<Connection>> pending) {
  if (stopped_) return pending.complete(Failure{asio::error::operation_aborted, {}});
  waiting_.push_back({id, std::move(pending)});
  serve();
}

void ListenerState::cancel(OperationId id) {
  const auto found = std::ranges::find(waiting_, id, &Waiting::id);
  if (found == waiting_.end()) return;
  Waiting cancelled = std::move(*found);
  waiting_.erase(found);
  cancelled.pending.complete(Failure{asio::error::operation_aborted, {}});
}

void ListenerState::stop(const Failure& why) {
  if (std::exchange(stopped_, true)) return;
  calls_.clear();
  held_.clear();
  for (const OperationId attempt : std::exchange(attempts_, {})) answerer_.cancel_attempt(attempt);
  ready_.clear();
  for (auto& waiting : std::exchange(waiting_, {})) waiting.pending.complete(why);
}

void ListenerState::drop() {
  stopped_ = true;
  calls_.clear();
  held_.clear();
  attempts_.clear();
  const auto ready = std::exchange(ready_, {});
  const auto waiting = std::exchange(waiting_, {});
}

}  // namespace quicket::detail
