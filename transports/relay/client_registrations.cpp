// What RelayClient does about its registrations: ask for them, and take the answers.
#include "transports/relay/client.hpp"

#include "core/identity/proof.hpp"

#include <algorithm>
#include <utility>

namespace quicket::transports {

namespace {

constexpr std::size_t kReportsPerRegistration = 4;  // that may wait for their owner
constexpr std::size_t kMostHintAddresses = 4;

}  // namespace

// ask sends what is wanted, as many requests at once as fit a connection.
void RelayClient::ask(TimePoint now) {
  while (is_connected() && !leg_->http().is_closed() && !queue_.empty() &&
         questions_.size() < config_.limits.requests) {
    const PeerId::Key key = queue_.take_front();
    const auto found = registrations_.find(key);
    if (found == registrations_.end()) continue;
    found->second.is_queued = false;
    if (found->second.registration.wants_to_ask(now) && !ask_one(found->second, now)) return;
    settle(key, found->second, now);
    if (!info_asked_) ask_info(now);  // beside the first registration, so that it costs no round trip
  }
  if (is_connected() && !info_asked_) ask_info(now);
}

// ask_one says whether the connection took the request.
bool RelayClient::ask_one(Entry& entry, TimePoint now) {
  const Registration& wanted = entry.registration.wanted();
  const PeerId::Key& key = wanted.key.id().key();
  const auto exporter = leg_->http().exporter(kRegisterExporterLabel, kProofExporterSize);
  if (!exporter) return false;
  const bool was_opened = entry.registration.is_opened();
  const auto question = entry.registration.ask(patience(), now);
  const RelaySessionId session = session_of(wanted);
  std::optional<RegistrationProof> proof;
  if (question.with_proof) proof = registration_proof(wanted.key, *exporter, session);
  const bool is_release = question.kind == RelayRegistration::Question::Kind::kRelease;
  HttpRequest request = is_release ? release_request(frame_, key, session, proof)
                                   : register_request(frame_, key, session, question.window, wanted.peer_token, proof);
  const auto id = leg_->http().request(std::move(request), now, config_.timing.answer_deadline);
  if (!id) {
    on_verdict(key,
               entry.registration.on_failure({id.error(), "relay " + target_.name() + " takes no request now"}, now),
               now);
    return false;
  }
  questions_.emplace(*id, Question{.about = Question::About::kRegistration, .key = key});
  asked_ = now;
  ++statistics_.questions;
  flush_due_ = true;
  if (!was_opened) {
    is_open_ = true;
    push(Opened{key});
  }
  return true;
}

void RelayClient::ask_info(TimePoint now) {
  info_asked_ = true;
  const auto id = leg_->http().request(info_request(frame_), now, config_.timing.info_deadline);
  if (!id) return on_info(nullptr, now);
  questions_.emplace(*id, Question{.about = Question::About::kInfo});
  asked_ = now;
  ++statistics_.questions;
  flush_due_ = true;
}

// settle puts a registration where it waits: for its turn to ask, and for its deadline.
void RelayClient::settle(const PeerId::Key& key, Entry& entry, TimePoint now) {
  if (!entry.is_queued && entry.registration.wants_to_ask(now)) {
    entry.is_queued = true;
    queue_.push_back(key);
  }
  const auto deadline = entry.registration.deadline();
  if (deadline == entry.timer) return;
  if (entry.timer) timers_.erase({*entry.timer, key});
  if (deadline) timers_.emplace(*deadline, key);
  entry.timer = deadline;
}

void RelayClient::erase(const PeerId::Key& key) {
  const auto found = registrations_.find(key);
  if (found == registrations_.end()) return;
  if (found->second.timer) timers_.erase({*found->second.timer, key});
  if (found->second.is_queued) queue_.erase_if([&](const PeerId::Key& queued) { return queued == key; });
  registrations_.erase(found);
  if (registrations_.empty()) is_open_ = false;
}

void RelayClient::on_timers(TimePoint now) {
  std::vector<PeerId::Key> due;
  for (auto at = timers_.begin(); at != timers_.end() && at->first <= now; ++at) due.push_back(at->second);
  for (const PeerId::Key& key : due) on_timer(key, now);
}

void RelayClient::on_timer(const PeerId::Key& key, TimePoint now) {
  const auto found = registrations_.find(key);
  if (found == registrations_.end() || !found->second.timer || *found->second.timer > now) return;
  RelayRegistration& registration = found->second.registration;
  if (registration.is_asking() && leg_ && leg_->http().statistics().bytes_in_flight == 0) registration.on_arrival();
  if (registration.on_deadline(now) == LeaseUpkeep::Action::kRegisterAgain && leg_) {
    return lose_leg({Errc::kRelayUnreachable, "relay " + target_.name() + " went silent"}, now);
  }
  settle(key, found->second, now);
}

void RelayClient::on_verdict(const PeerId::Key& key, RelayRegistration::Verdict verdict, TimePoint now) {
  using enum RelayRegistration::Verdict;
  const auto found = registrations_.find(key);
  if (found == registrations_.end()) return;
  const RelayRegistration& registration = found->second.registration;
  switch (verdict) {
    case kNothing:
      break;
    case kGranted:
      on_grant(key, *registration.grant());
      break;
    case kRefused:
      push(Refused{key, registration.why(), false});
      break;
    case kOver:
      if (!registration.is_releasing()) push(Refused{key, registration.why(), true});
      return erase(PeerId::Key(key));
  }
  settle(key, found->second, now);
}

void RelayClient::on_grant(const PeerId::Key& key, const Grant& grant) {
  was_useful_ = true;
  hint_ = {.addresses = {leg_->remote()}, .pin = session_pin(), .host = {}, .peer_token = {}};
  if (!hint_.pin) hint_.host = target_.host;
  for (const Address& address : grant.public_addresses) {
    const bool is_known = std::ranges::find(hint_.addresses, address) != hint_.addresses.end();
    if (!is_known && hint_.addresses.size() < kMostHintAddresses) hint_.addresses.push_back(address);
  }
  Granted granted{.key = key,
                  .first = grant.window.first,
                  .end = grant.window.end(),
                  .observed = grant.observed,
                  .round_trip = round_trip(),
                  .peer_token = grant.peer_token};
  if (info_known_) {
    push(std::move(granted));
  } else {
    before_info_.push_back(std::move(granted));
  }
}

// on_info: the relay's answer, or none. Peers must find connection IDs of one length at all relays.
void RelayClient::on_info(const HttpResponse* response, TimePoint now) {
  info_known_ = true;
  const auto length = response ? read_info_answer(*response) : std::nullopt;
  if (length && *length != ConnectionId::kDefaultLength) {
    return refuse_all(
        {Errc::kRelayRefused, "relay " + target_.name() + " has connection IDs of " + std::to_string(*length) +
                                  " bytes, ours have " + std::to_string(ConnectionId::kDefaultLength)},
        now);
  }
  for (TransportReport& report : std::exchange(before_info_, {})) push(std::move(report));
}

// refuse_all gives the relay up: no registration can come of it.
void RelayClient::refuse_all(const Failure& why, TimePoint now) {
  connector_.stop(now);
  before_info_.clear();
  exchanges_.end_all(why);
  std::vector<PeerId::Key> keys;
  for (const auto& [key, entry] : registrations_) keys.push_back(key);
  for (const PeerId::Key& key : keys) {
    if (!registrations_.at(key).registration.is_releasing()) push(Refused{key, why, true});
    erase(key);
  }
  if (!leg_) return;
  questions_.clear();
  connector_.dismiss(std::move(leg_), now);
  leaving_leg_ = false;
  info_known_ = false;  // next time it may be another relay
}

void RelayClient::push(TransportReport report) {
  if (reports_.size() >= kReportsPerRegistration * config_.max_registrations) {
    reports_.pop_front();
    ++statistics_.dropped_reports;
  }
  reports_.push_back(std::move(report));
}

std::optional<RelayPin> RelayClient::session_pin() const { return target_.pins.empty() ? std::nullopt : leg_->pin(); }

RelaySessionId RelayClient::session_of(const Registration& registration) const {
  return relay_session_id(registration.session, session_pin(), target_.host);
}

}  // namespace quicket::transports
