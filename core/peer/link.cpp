#include "core/peer/link.hpp"

#include <algorithm>
#include <utility>

namespace quicket {

namespace {

std::optional<quic::StreamId> stream_of(const quic::Event& event) {
  return std::visit(
      [](const auto& e) -> std::optional<quic::StreamId> {
        if constexpr (requires { e.id + 0; }) {
          return e.id;
        } else {
          return std::nullopt;
        }
      },
      event);
}

}  // namespace

Link::Link(std::unique_ptr<quic::Connection> connection, Identity key, SessionSecret session,
           std::shared_ptr<PeerCheck> check, LinkOptions options, bool greet_early, std::optional<Pairing> pairing)
    : connection_(std::move(connection)),
      key_(std::move(key)),
      session_(session),
      check_(std::move(check)),
      options_(std::move(options)),
      selector_(connection_->role()),
      greeting_(options_.protocols, greet_early, std::move(pairing)) {}

bool Link::receive(Transport& transport, quic::Ecn ecn, ByteView datagram, TimePoint now) {
  const quic::Arrival arrival = connection_->receive(path_of(datagram), ecn, datagram, clock_.to_connection(now));
  const bool is_authentic = arrival != quic::Arrival::kNothing;
  const quic::Connection::Statistics statistics = connection_->statistics();
  const auto leg = std::ranges::find(legs_, &transport, &Leg::transport);
  if (is_authentic && leg != legs_.end()) {
    const bool acknowledged = statistics.bytes_in_flight < in_flight_;
    selector_.on_arrival(static_cast<LegSelector::Leg>(leg - legs_.begin()), arrival == quic::Arrival::kLatest,
                         acknowledged, now);
  }
  settle(statistics, now);
  return is_authentic;
}

// A label is one migration. The accepter learns of it by the connection ID that the dialer took for it; the dialer, who
// alone migrates, takes what comes in as coming on the path that it chose last.
quic::Path Link::path_of(ByteView datagram) const {
  if (is_dialer()) return connection_->path();
  const auto header = parse_header(datagram, ConnectionId::kDefaultLength);
  const auto counter = header ? connection_->counter_of(header->destination) : std::nullopt;
  return counter ? quic::label_path(*counter) : handshake_path();
}

void Link::transmit(MutableByteView buffer, DatagramSink& sink, TimePoint now) {
  if (std::ranges::none_of(legs_, &Leg::open)) return;
  repeat_what_is_owed(sink, now);
  if (clock_.is_frozen()) return;
  constexpr std::size_t kMaxSegments = 64;
  while (const auto written = connection_->transmit(buffer, kMaxSegments, clock_.to_connection(now))) {
    const Batch batch{.bytes = buffer.first(written->size), .segment_size = written->segment_size, .ecn = written->ecn};
    for (LegSelector::Leg leg = 0; leg < legs_.size(); ++leg) {
      if (selector_.uses(leg, now)) legs_[leg].transport->send(batch, sink, now);
    }
    remember(batch);
  }
  settle(now);
}

void Link::take_flight(TimePoint now) {
  constexpr std::size_t kFlightDatagram = 1500;
  settle(now);  // an early HELLO goes with it
  Bytes buffer(kFlightDatagram);
  while (const auto written = connection_->transmit(buffer, 1, clock_.to_connection(now))) {
    const ByteView bytes = ByteView(buffer).first(written->size);
    remember({.bytes = bytes, .segment_size = bytes.size(), .ecn = written->ecn});
  }
  clock_.freeze(now);
  settle(now);
}

void Link::remember(const Batch& batch) {
  const std::size_t count = (batch.bytes.size() + batch.segment_size - 1) / batch.segment_size;
  for (std::size_t i = count - std::min(count, kMaxRepeated); i < count; ++i) {
    // The oldest one's memory is used again: this happens for all that is sent.
    Sent sent = sent_.size() == kMaxRepeated ? sent_.take_front() : Sent();
    const ByteView rest = batch.bytes.subspan(i * batch.segment_size);
    const ByteView datagram = rest.first(std::min(rest.size(), batch.segment_size));
    sent.ecn = batch.ecn;
    sent.bytes.assign(datagram.begin(), datagram.end());
    sent_.push_back(std::move(sent));
  }
}

void Link::repeat_what_is_owed(DatagramSink& sink, TimePoint now) {
  for (LegSelector::Leg leg = 0; leg < legs_.size(); ++leg) {
    if (!selector_.take_owed(leg)) continue;
    for (const Sent& sent : sent_) {
      legs_[leg].transport->send({.bytes = sent.bytes, .segment_size = sent.bytes.size(), .ecn = sent.ecn}, sink, now);
    }
  }
}

std::optional<TimePoint> Link::deadline() const {
  auto next = clock_.to_world(connection_->deadline());
  const auto consider = [&](const std::optional<TimePoint>& other) {
    if (other && (!next || *other < *next)) next = other;
  };
  consider(hello_deadline_);
  consider(no_way_deadline_);
  if (!ended_) consider(selector_.deadline());
  return next;
}

void Link::on_deadline(TimePoint now) {
  if (no_way_deadline_ && *no_way_deadline_ <= now) give_up_without_a_way(now);
  if (clock_.is_frozen()) return;
  connection_->on_deadline(clock_.to_connection(now));
  if (!ended_) selector_.on_deadline(now);
  if (hello_deadline_ && *hello_deadline_ <= now && !ended_) {
    hello_deadline_.reset();
    violate(kCodeNoHello, Errc::kPeerSilent, "no hello in time", now);
  }
  settle(now);
}

void Link::settle(TimePoint now) { settle(connection_->statistics(), now); }

void Link::settle(const quic::Connection::Statistics& statistics, TimePoint now) {
  while (auto event = connection_->poll()) on(*event, now);
  if (ended_) return;
  in_flight_ = statistics.bytes_in_flight;
  selector_.on_flight(in_flight_ > 0, statistics.pto, now);
  if (in_flight_ == 0) sent_.clear();
  greeting_.say(*connection_);
  connect_if_ready(now);
  const std::uint32_t first = connection_->oldest_counter(), issued = connection_->schedule().issued();
  const bool extend = issued + kExtendAt >= window_end_;
  if (extend) window_end_ = issued + 1 + kWindow;
  if (extend || first > window_first_) {
    window_first_ = std::max(first, window_first_);
    hold_window(now);
  }
}

void Link::on(const quic::Event& event, TimePoint now) {
  if (const auto* issued = std::get_if<quic::ConnectionIdIssued>(&event)) {
    issued_.push_back(issued->id);
  } else if (const auto* retired = std::get_if<quic::ConnectionIdRetired>(&event)) {
    retired_.push_back(retired->id);
  } else if (const auto* closed = std::get_if<quic::Closed>(&event)) {
    end(explain(closed->reason), closed->reason.kind == quic::CloseReason::Kind::kLocal);
  } else if (std::holds_alternative<quic::HandshakeCompleted>(event)) {
    // A dialer's is not confirmed yet, and QUIC has no timer for that.
    if (options_.handshake_timeout > Duration::zero()) hello_deadline_ = now + options_.handshake_timeout;
  } else if (std::holds_alternative<quic::HandshakeConfirmed>(event)) {
    hello_deadline_ = now + options_.hello_timeout;
    if (is_dialer()) selector_.end_beginning(now);
  } else if (const auto id = stream_of(event); id && is_control_stream(*id)) {
    const bool over = std::holds_alternative<quic::StreamReset>(event) ||
                      std::holds_alternative<quic::StreamClosed>(event) ||
                      std::holds_alternative<quic::StreamStopped>(event);
    if (over) return violate(kCodeControlViolation, Errc::kProtocolViolation, "control stream closed", now);
    if (!std::holds_alternative<quic::StreamReadable>(event)) return;
    if (!is_dialer()) selector_.end_beginning(now);
    const auto read = greeting_.read(*connection_);
    if (!read) violate(kCodeControlViolation, Errc::kProtocolViolation, read.error().detail, now);
  } else if (id || std::holds_alternative<quic::StreamsAvailable>(event) ||
             std::holds_alternative<quic::DatagramReceived>(event)) {
    if (ended_) return;
    if (connected_) return push(event);
    if (early_.size() == kMaxEarlyEvents)
      return violate(kCodeControlViolation, Errc::kProtocolViolation, "too much ahead of hello", now);
    early_.push_back(event);
  }
}

void Link::connect_if_ready(TimePoint now) {
  if (connected_ || ended_) return;
  const Greeting::State state = greeting_.judge(*connection_);
  if (state == Greeting::State::kRefused) return refuse_pairing(now);
  if (state == Greeting::State::kWaiting || !connection_->is_handshake_confirmed()) return;
  hello_deadline_.reset();
  const auto protocol = greeting_.protocol(connection_->role());
  if (!protocol) return violate(kCodeNoCommonProtocol, Errc::kNoCommonProtocol, "no common protocol", now);
  connected_ = patient_ = true;
  push(Connected{*peer(), *protocol});
  for (quic::Event& event : std::exchange(early_, {})) push(std::move(event));
}

// Who gets as far as to show a proof has had the offer in hand: to others a dialer is deaf.
void Link::refuse_pairing(TimePoint now) {
  connection_->close(kCodePairingRefused, "pairing refused", true, clock_.to_connection(now));
  end({Errc::kPairingFailed, name_of_peer() +
                                 " does not know the secret of the pairing offer: somebody else is "
                                 "answering, or the offer was altered on the way; begin anew with a new offer"},
      true);
}

void Link::violate(std::uint64_t code, Errc error, std::string_view text, TimePoint now) {
  connection_->close(code, text, true, clock_.to_connection(now));
  end({error, error == Errc::kProtocolViolation ? std::string(text) : std::string()}, true);
}

void Link::close(std::uint64_t code, std::string_view text, TimePoint now) {
  if (ended_) return;
  if (clock_.is_frozen()) return fail({Errc::kCancelled, {}}, now);
  connection_->close(std::min(code, kEngineCodes - 1), text, true, clock_.to_connection(now));
  settle(now);
}

void Link::fail(Failure why, TimePoint now) {
  if (ended_) return;
  if (!clock_.is_frozen()) connection_->fail(0, why, clock_.to_connection(now));
  end(std::move(why), true);
}

void Link::end(Failure why, bool by_us) {
  if (std::exchange(ended_, true)) return;
  hello_deadline_.reset();
  no_way_deadline_.reset();
  early_.clear();
  push(Disconnected{std::move(why), by_us});
}

bool Link::is_finished(TimePoint now) const {
  if (!ended_) return false;
  return clock_.is_frozen() || connection_->is_finished(clock_.to_connection(now));
}

Failure Link::unfinished() const {
  if (has_no_way()) return *legs_.back().trouble;
  const std::string theirs = "the handshake with " + name_of_peer() + " was not finished in time";
  if (!greeting_.awaits_proof() || is_dialer()) return {Errc::kHandshakeFailed, theirs};
  return {Errc::kHandshakeFailed,
          theirs + ": the pairing offer was used or given up before, or altered on the way; ask for a new one"};
}

std::string Link::name_of_peer() const { return peer() ? peer()->to_string() : "whoever answered"; }

Failure Link::explain(const quic::CloseReason& reason) const {
  const std::string theirs = name_of_peer();
  if (reason.error == Errc::kPeerKeyMismatch && check_->seen) {
    return {reason.error, "the peer's key is " + check_->seen->to_string() + ", expected " + theirs +
                              ": somebody else may be answering; nothing was sent"};
  }
  if (check_->refusal) return *check_->refusal;
  using Kind = quic::CloseReason::Kind;
  const bool remote = reason.kind == Kind::kTransport || reason.kind == Kind::kApplication;
  if (reason.kind == Kind::kApplication && reason.code == kCodeNoCommonProtocol) return {Errc::kNoCommonProtocol, {}};
  if (reason.kind == Kind::kApplication && reason.code == kCodePairingRefused) {
    return {Errc::kPairingFailed, theirs +
                                      " refused the pairing: the offer was altered on the way, or is not the one "
                                      "that was made; begin anew with a new offer"};
  }
  if (remote && reason.error == Errc::kRefusedByPeer) {
    return {reason.error, theirs + " refused the connection" + (reason.text.empty() ? "" : " (" + reason.text + ")")};
  }
  const bool never_answered = reason.kind == Kind::kIdle && !connection_->is_handshake_completed();
  if (reason.kind == Kind::kHandshake || never_answered) return unfinished();
  return {reason.error, {}};
}

std::optional<LinkEvent> Link::poll() {
  if (events_.empty()) return std::nullopt;
  return events_.take_front();
}

std::vector<ConnectionId> Link::take_issued() { return std::exchange(issued_, {}); }
std::vector<ConnectionId> Link::take_retired() { return std::exchange(retired_, {}); }

}  // namespace quicket
