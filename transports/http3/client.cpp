#include "transports/http3/client.hpp"

#include "core/base/hash.hpp"
#include "transports/http3/fields.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/assert.hpp>

namespace quicket::transports {

namespace {

constexpr std::size_t kPayload = 1200;  // bytes of UDP payload: works on every path
constexpr std::size_t kSegments = 16;   // datagrams per batch
constexpr std::size_t kSecret = 32;
constexpr std::uint64_t kServerStreams = 16;  // control, QPACK, and some of unknown types (RFC 9114 section 6.2.3)

Bytes drawn(std::size_t size) {
  Bytes bytes(size);
  random_fill(bytes);
  return bytes;
}

// first_destination is the ID that stands for the server until it names one. Its top bit tells a relay: HTTP/3.
ConnectionId first_destination() {
  std::array<std::byte, ConnectionId::kDefaultLength> bytes;
  random_fill(bytes);
  bytes[0] |= std::byte{0x80};
  return *ConnectionId::from(bytes);
}

}  // namespace

Result<std::unique_ptr<Http3Client>> Http3Client::create(Http3ClientConfig config, const AddressPair& path,
                                                         TimePoint now) {
  const Bytes key = config.schedule_key.empty() ? drawn(kSecret) : config.schedule_key;
  auto schedule = Schedule::create(key, Owner::kHttp3);
  if (!schedule) return schedule.error();

  quic::Policy policy{
      .role = quic::Role::kClient,
      .cids = std::move(*schedule),
      .tls = {.verify = config.verify, .alpn = {"h3"}, .server_name = config.server_name, .web_signatures = true},
      .reset_secret = config.reset_secret.empty() ? drawn(kSecret) : config.reset_secret};
  policy.idle_timeout = config.idle_timeout;
  policy.handshake_timeout = config.handshake_timeout;
  policy.keep_alive = config.keep_alive;
  policy.max_streams_bidi = 0;  // servers open none (RFC 9114 section 6.1)
  policy.max_streams_uni = kServerStreams;
  policy.max_datagram_frame = 0;
  policy.max_udp_payload = kPayload;
  policy.qlog = config.qlog;
  policy.key_log = config.key_log;
  auto connection = quic::Connection::connect(std::move(policy), path, now, first_destination());
  if (!connection) return connection.error();
  auto session = Http3Session::create(std::move(*connection), config.limits);
  if (!session) return session.error();
  std::unique_ptr<Http3Client> client(new Http3Client(std::move(config), path, std::move(*session)));
  client->settle(now);
  return client;
}

Http3Client::Http3Client(Http3ClientConfig config, const AddressPair& path, std::unique_ptr<Http3Session> session)
    : limits_(config.limits), queue_(config.queue), path_(path), session_(std::move(session)) {}

Result<RequestId> Http3Client::request(HttpRequest request, TimePoint now, std::optional<Duration> deadline) {
  if (is_closed()) return make_error_code(Errc::kConnectionClosed);
  if (going_away_) return make_error_code(Errc::kHttpGoingAway);
  if (const auto fields = request_fields(request); !fields) return fields.error();
  if (waiting_.size() >= queue_) return make_error_code(Errc::kWouldBlock);
  const RequestId id{++last_id_};
  waiting_.push_back({id, std::move(request), now + deadline.value_or(limits_.request_deadline)});
  settle(now);
  return id;
}

void Http3Client::cancel(RequestId id, TimePoint now) {
  waiting_.erase_if([&](const Waiting& waiting) { return waiting.id == id; });
  const auto found = std::ranges::find(sent_, id, &std::pair<const quic::StreamId, RequestId>::second);
  if (found == sent_.end()) return;
  const quic::StreamId stream = found->first;
  sent_.erase(found);
  session_->cancel(stream, now);
  settle(now);
}

quic::Arrival Http3Client::receive(const Received& received, TimePoint now) {
  if (received.addresses.remote != path_.remote) return quic::Arrival::kNothing;
  // Always the one path: which local address it came to is the system's matter.
  const quic::Arrival arrival = session_->receive(path_, received, now);
  settle(now);
  return arrival;
}

void Http3Client::transmit(DatagramSink& sink, TimePoint now) {
  std::array<std::byte, kPayload * kSegments> buffer;
  while (const auto written = session_->transmit(buffer, kSegments, now)) {
    sink.send(
        path_,
        {.bytes = ByteView(buffer).first(written->size), .segment_size = written->segment_size, .ecn = written->ecn});
  }
  settle(now);
}

std::optional<TimePoint> Http3Client::deadline() const {
  std::optional<TimePoint> earliest = session_->deadline();
  for (const Waiting& waiting : waiting_) {
    if (!earliest || waiting.deadline < *earliest) earliest = waiting.deadline;
  }
  return earliest;
}

void Http3Client::on_deadline(TimePoint now) {
  session_->on_deadline(now);
  expire_waiting(now);
  settle(now);
}

std::optional<Http3Client::Event> Http3Client::poll() {
  if (events_.empty()) return std::nullopt;
  return events_.take_front();
}

void Http3Client::close(TimePoint now) {
  session_->close(Http3Code::kNoError, {}, now);
  settle(now);
}

Result<Bytes> Http3Client::exporter(std::string_view label, std::size_t size) const {
  return session_->connection().exporter(label, size);
}

void Http3Client::settle(TimePoint now) {
  const auto take_events = [&] {
    while (auto event = session_->poll()) {
      std::visit([&](const auto& happened) { on(happened); }, *event);
    }
  };
  take_events();
  launch(now);
  take_events();
}

// launch sends what waits, as far as the server and our own limit allow.
void Http3Client::launch(TimePoint now) {
  while (ready_ && !waiting_.empty() && sent_.size() < limits_.requests) {
    const auto stream = session_->send_request(std::move(waiting_.front().request), waiting_.front().deadline, now);
    if (!stream && stream.error() == make_error_code(Errc::kWouldBlock)) return;
    const RequestId id = waiting_.front().id;
    waiting_.pop_front();
    if (stream) {
      sent_.emplace(*stream, id);
    } else {
      events_.push_back(RequestFailed{id, stream.error()});
    }
  }
}

void Http3Client::expire_waiting(TimePoint now) {
  waiting_.erase_if([&](const Waiting& waiting) {
    if (waiting.deadline > now) return false;
    events_.push_back(RequestFailed{waiting.id, Errc::kHttpDeadline});
    return true;
  });
}

void Http3Client::fail_waiting(error_code error) {
  for (const Waiting& waiting : std::exchange(waiting_, {})) events_.push_back(RequestFailed{waiting.id, error});
}

void Http3Client::on(const SessionReady&) {
  ready_ = true;
  events_.push_back(Ready{});
}

void Http3Client::on(const ResponseReceived& event) {
  const auto found = sent_.find(event.stream);
  if (found == sent_.end()) return;
  events_.push_back(ResponseArrived{found->second, event.response});
  sent_.erase(found);
}

void Http3Client::on(const ExchangeFailed& event) {
  const auto found = sent_.find(event.stream);
  if (found == sent_.end()) return;
  events_.push_back(RequestFailed{found->second, event.error});
  sent_.erase(found);
}

void Http3Client::on(const SessionGoingAway&) {
  going_away_ = true;
  events_.push_back(GoingAway{});
  fail_waiting(Errc::kHttpGoingAway);
}

void Http3Client::on(const quic::Closed& event) {
  fail_waiting(event.reason.error);
  events_.push_back(Closed{event.reason});
}

}  // namespace quicket::transports
