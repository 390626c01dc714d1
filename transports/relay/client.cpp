#include "transports/relay/client.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace quicket::transports {

namespace {

PeerId::Key key_of(const TransportReport& report) {
  return std::visit([](const auto& one) { return one.key; }, report);
}

}  // namespace

RelayClient::RelayClient(RelayTarget target, RelayClientConfig config)
    : target_(std::move(target)),
      config_(std::move(config)),
      frame_{.authority = target_.authority(), .software = config_.software, .bearer_token = config_.bearer_token},
      connector_(target_, config_),
      liveness_({.silence = config_.timing.shortest_silence, .quiet_after = config_.timing.quiet_after}) {
  BOOST_ASSERT(target_.is_complete());
}

void RelayClient::hold(const Registration& registration, TimePoint now) {
  const PeerId::Key& key = registration.key.id().key();
  if (is_closing_)
    return push(Refused{key, {Errc::kConnectionClosed, "the path through this relay is being closed"}, true});
  if (registration.num == 0) {
    return push(Refused{
        key, {make_error_code(boost::system::errc::invalid_argument), "a window without connection IDs"}, true});
  }
  const auto found = registrations_.find(key);
  if (found != registrations_.end()) {
    found->second.registration.change(registration);
    settle(key, found->second, now);
    return pump(now);
  }
  if (registrations_.size() >= config_.max_registrations) {
    return push(Refused{key, {Errc::kOutOfResources, "too many registrations at relay " + target_.name()}, true});
  }
  const RelayTiming& timing = config_.timing;
  Entry entry{.registration = RelayRegistration(registration, {.refresh_at = timing.refresh_at,
                                                               .retry_pause = timing.retry_pause,
                                                               .shortest_retry_pause = timing.shortest_retry_pause,
                                                               .longest_retry_pause = timing.longest_retry_pause}),
              .timer = std::nullopt};
  settle(key, registrations_.emplace(key, std::move(entry)).first->second, now);
  linger_until_.reset();
  if (outage_ && !leg_) push(Refused{key, *outage_, false});
  connect_if_wanted(now);
  pump(now);
}

void RelayClient::release(const PeerId::Key& key, TimePoint now) {
  const auto found = registrations_.find(key);
  if (found == registrations_.end()) return;
  const auto is_of_key = [&](const TransportReport& report) { return key_of(report) == key; };
  reports_.erase_if(is_of_key);
  std::erase_if(before_info_, is_of_key);
  RelayRegistration& registration = found->second.registration;
  registration.release();
  const bool can_be_told = is_connected() && registration.is_opened();
  if (can_be_told) {
    settle(key, found->second, now);
  } else {
    erase(key);  // the lease ends by itself
  }
  pump(now);
}

std::optional<TransportReport> RelayClient::report() {
  if (reports_.empty()) return std::nullopt;
  return reports_.take_front();
}

void RelayClient::send(const Batch& batch, DatagramSink& sink, TimePoint now) {
  if (batch.bytes.empty() || batch.segment_size == 0) return;
  const std::size_t datagrams = (batch.bytes.size() + batch.segment_size - 1) / batch.segment_size;
  if (!is_open_) {
    statistics_.dropped += datagrams;
    return;
  }
  if (flush_due_) transmit(sink, now);
  sink.send({.local = Address(), .remote = *remote_}, batch);
  statistics_.sent += datagrams;
  statistics_.sent_bytes += batch.bytes.size();
  liveness_.on_sent(now);
}

void RelayClient::check(TimePoint now) {
  if (!is_connected()) return;
  for (auto& [key, entry] : registrations_) {
    if (!entry.registration.is_held() || entry.registration.is_releasing()) continue;
    if (!entry.registration.is_asking()) {  // else a question is on its way already
      entry.registration.request_check();
      ++statistics_.checks;
      settle(key, entry, now);
      pump(now);
    }
    return;
  }
}

void RelayClient::close(TimePoint now) {
  if (std::exchange(is_closing_, true)) return;
  close_deadline_ = now + config_.timing.close_patience;
  std::vector<PeerId::Key> keys;
  for (const auto& [key, entry] : registrations_) keys.push_back(key);
  for (const PeerId::Key& key : keys) release(key, now);
  exchanges_.end_all({Errc::kConnectionClosed, "the path through this relay is being closed"});
  connector_.stop(now);
  pump(now);
}

bool RelayClient::is_finished(TimePoint now) const {
  if (!is_closing_) return false;
  return !leg_ || leg_->http().is_finished(now);
}

bool RelayClient::owns(const ConnectionId& id) const { return (leg_ && leg_->owns(id)) || connector_.owns(id); }

void RelayClient::receive(const Received& received, TimePoint now) {
  const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
  const bool is_for_attempt = header && connector_.owns(header->destination);
  if (leg_ && !is_for_attempt) {
    if (leg_->http().receive(received, now) != quic::Arrival::kNothing) heard_ = now;
  }
  if (connector_.is_running()) connector_.receive(received, now);
  pump(now);
}

void RelayClient::on_peer_datagram(std::size_t bytes, TimePoint now) {
  ++statistics_.received;
  statistics_.received_bytes += bytes;
  liveness_.on_received(now);
}

void RelayClient::transmit(DatagramSink& sink, TimePoint now) {
  constexpr int kMostTurns = 4;  // each may have caused another request
  for (int turn = 0; turn < kMostTurns; ++turn) {
    flush_due_ = false;
    if (leg_) leg_->http().transmit(sink, now);
    connector_.transmit(sink, now);
    pump(now);
    if (!flush_due_) return;
  }
}

std::optional<TimePoint> RelayClient::deadline() const {
  std::optional<TimePoint> earliest = connector_.deadline();
  const auto consider = [&](const std::optional<TimePoint>& other) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  };
  if (leg_) {
    consider(leg_->http().deadline());
    if (is_connected()) consider(liveness_.deadline());
    consider(unanswered_deadline());
  }
  if (!timers_.empty()) consider(timers_.begin()->first);
  consider(linger_until_);
  consider(exchanges_.deadline());
  if (is_closing_ && leg_ && !leg_->http().is_closed()) consider(close_deadline_);
  return earliest;
}

void RelayClient::on_deadline(TimePoint now) {
  if (leg_) leg_->http().on_deadline(now);
  connector_.on_deadline(now);
  pump(now);
  on_timers(now);
  expire_exchanges(now);
  if (const auto due = unanswered_deadline(); due && *due <= now) {
    lose_leg({Errc::kRelayUnreachable, "relay " + target_.name() + " has gone silent"}, now);
  }
  if (is_connected() && liveness_.on_deadline(now)) check(now);
  check_idle(now);
  check_closing(now);
  pump(now);
}

Duration RelayClient::round_trip() const { return leg_ ? leg_->http().statistics().smoothed_rtt : last_round_trip_; }

RelayClient::Statistics RelayClient::statistics() const {
  Statistics statistics = statistics_;
  statistics.attempts = connector_.attempts();
  return statistics;
}

}  // namespace quicket::transports
