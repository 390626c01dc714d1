// What RelayClient does about its HTTP/3 connection: get one, notice its end, get another.
#include "transports/relay/client.hpp"

#include <algorithm>
#include <utility>

namespace quicket::transports {

void RelayClient::pump(TimePoint now) {
  take_connector_events(now);
  take_leg_events(now);
  ask(now);
  ask_exchanges(now);
  take_leg_events(now);
  check_idle(now);
  check_closing(now);
}

void RelayClient::take_connector_events(TimePoint now) {
  if (auto leg = connector_.take_ready(now)) adopt(std::move(leg), now);
  if (const auto failed = connector_.take_failure()) on_round_failed(*failed, now);
}

void RelayClient::take_leg_events(TimePoint now) {
  while (leg_) {
    const auto event = leg_->poll();
    if (!event) return;
    std::visit([&](const auto& happened) { on(happened, now); }, *event);
  }
}

void RelayClient::adopt(std::unique_ptr<RelayLeg> leg, TimePoint now) {
  if (leg_) connector_.dismiss(std::move(leg_), now);
  leg_ = std::move(leg);
  leaving_leg_ = was_useful_ = false;
  was_connected_ = true;
  remote_ = leg_->remote();
  outage_.reset();
  wrong_certificate_since_.reset();
  exchanges_.lose({Errc::kRelayUnreachable, "relay " + target_.name() + " left for another connection"});
  questions_.clear();
  info_asked_ = false;
  ++statistics_.connections;
  liveness_.reset();
  liveness_.set_silence(silence());
  for (auto at = registrations_.begin(); at != registrations_.end();) {
    auto& [key, entry] = *at++;
    if (entry.registration.is_releasing()) {
      erase(PeerId::Key(key));
      continue;
    }
    entry.registration.on_new_connection();
    settle(key, entry, now);
  }
}

// lose_leg gives the connection up: it is dead, or nobody answers on it.
void RelayClient::lose_leg(const Failure& why, TimePoint now) {
  last_round_trip_ = round_trip();
  connector_.on_leg_lost(is_stable(now), now);
  connector_.dismiss(std::move(leg_), now);
  leaving_leg_ = false;
  exchanges_.lose(why);
  questions_.clear();
  before_info_.clear();
  ++statistics_.interruptions;
  liveness_.reset();
  for (auto at = registrations_.begin(); at != registrations_.end();) {
    auto& [key, entry] = *at++;
    if (entry.registration.is_releasing()) {
      erase(PeerId::Key(key));
      continue;
    }
    if (entry.registration.on_connection_lost()) push(Interrupted{key, why});
    settle(key, entry, now);
  }
  connect_if_wanted(now);
}

void RelayClient::connect_if_wanted(TimePoint now) {
  const bool is_wanted = !is_closing_ && (!registrations_.empty() || !exchanges_.empty());
  if (is_wanted && !is_connected()) connector_.start(now);
}

// is_stable: the next connection needs no pause, this one was of use and lived long.
bool RelayClient::is_stable(TimePoint now) const {
  return was_useful_ && now - leg_->since() >= config_.timing.stable_after;
}

void RelayClient::on_round_failed(const Connector::RoundFailed& failed, TimePoint now) {
  if (failed.why.code != Errc::kRelayPinMismatch) wrong_certificate_since_.reset();
  if (failed.why.code == Errc::kRelayPinMismatch && !wrong_certificate_since_) wrong_certificate_since_ = now;
  // A certificate that was right once may be so again.
  const bool is_hopeless = was_connected_ ? wrong_certificate_since_ && now - *wrong_certificate_since_ >=
                                                                            config_.timing.wrong_certificate_patience
                                          : failed.all_pins_refused;
  if (is_hopeless) return refuse_all(failed.why, now);
  const bool is_news = !outage_ || outage_->code != failed.why.code;
  outage_ = failed.why;
  if (!is_news || leg_) return;
  for (const auto& [key, entry] : registrations_) push(Refused{key, failed.why, false});
}

void RelayClient::on(const Http3Client::ResponseArrived& event, TimePoint now) {
  const auto found = questions_.find(event.id);
  if (found == questions_.end()) return;
  const Question question = found->second;
  questions_.erase(found);
  liveness_.on_answer();
  liveness_.set_silence(silence());
  if (question.about == Question::About::kInfo) return on_info(&event.response, now);
  if (question.about == Question::About::kExchange) {
    was_useful_ = was_useful_ || event.response.status < 300;
    return exchanges_.answer(event.id, event.response);
  }
  const auto entry = registrations_.find(question.key);
  if (entry == registrations_.end() || !entry->second.registration.is_asking()) return;
  on_verdict(question.key, entry->second.registration.on_answer(event.response, target_.name(), now), now);
}

void RelayClient::on(const Http3Client::RequestFailed& event, TimePoint now) {
  const auto found = questions_.find(event.id);
  if (found == questions_.end()) return;
  const Question question = found->second;
  questions_.erase(found);
  if (question.about == Question::About::kInfo) return on_info(nullptr, now);
  if (question.about == Question::About::kExchange)
    return exchanges_.answer(event.id, Failure{event.error, "relay " + target_.name() + ": " + event.error.message()});
  const auto entry = registrations_.find(question.key);
  if (entry == registrations_.end() || !entry->second.registration.is_asking()) return;
  if (leaving_leg_ || leg_->http().is_closed()) return;  // asked again on the next connection
  if (event.error == make_error_code(Errc::kHttpDeadline)) {
    return lose_leg({Errc::kRelayUnreachable, "relay " + target_.name() + " does not answer requests"}, now);
  }
  const Failure why{Errc::kRelayRefused, "relay " + target_.name() + " answers badly: " + event.error.message()};
  on_verdict(question.key, entry->second.registration.on_failure(why, now), now);
}

// What is held stays so until the connection ends; what is not has to wait for the next one.
void RelayClient::on(const Http3Client::GoingAway&, TimePoint now) {
  leaving_leg_ = true;
  const Failure why{Errc::kRelayUnreachable, "relay " + leg_->remote().to_string() + " is going away"};
  for (const auto& [key, entry] : registrations_) {
    const bool waits = !entry.registration.is_held() && !entry.registration.is_releasing();
    if (waits) push(Refused{key, why, false});
  }
  connector_.on_leg_lost(is_stable(now), now);
  connect_if_wanted(now);
}

void RelayClient::on(const Http3Client::Closed& event, TimePoint now) {
  if (is_closing_) return;  // our own doing, or as good
  lose_leg(leg_->explain(event.reason, now), now);
}

// check_idle closes the connection when nothing has been registered for long.
void RelayClient::check_idle(TimePoint now) {
  const bool is_unused = (leg_ || connector_.is_running()) && is_idle() && !is_closing_;
  if (!is_unused) return linger_until_.reset();
  if (!linger_until_) linger_until_ = now + config_.timing.linger;
  if (now < *linger_until_) return;
  linger_until_.reset();
  last_round_trip_ = round_trip();
  connector_.stop(now);
  if (!leg_) return;
  connector_.dismiss(std::move(leg_), now);
  leaving_leg_ = false;
}

// check_closing ends the connection once everything is released or time is up, and lets go of it when it has said so.
void RelayClient::check_closing(TimePoint now) {
  if (!is_closing_ || !leg_) return;
  if (!leg_->http().is_closed() && (registrations_.empty() || now >= *close_deadline_)) leg_->http().close(now);
  if (is_finished(now)) leg_.reset();
}

// unanswered_deadline: a question is out, and nothing comes, not even an acknowledgement of what is in flight. QUIC
// would try on until its idle timeout, even where the relay restarted right behind the handshake: nothing resets a
// connection whose handshake is not confirmed.
std::optional<TimePoint> RelayClient::unanswered_deadline() const {
  if (!leg_ || questions_.empty() || is_closing_) return std::nullopt;
  if (leg_->http().statistics().bytes_in_flight == 0) return std::nullopt;
  const Duration round_trips = config_.timing.question_round_trips * round_trip();
  return std::max(asked_, heard_) + std::max(config_.timing.question_silence, round_trips);
}

Duration RelayClient::silence() const {
  return std::max(config_.timing.shortest_silence, config_.timing.silence_round_trips * round_trip());
}

Duration RelayClient::patience() const {
  return std::max(config_.timing.shortest_patience, config_.timing.patience_round_trips * round_trip());
}

}  // namespace quicket::transports
