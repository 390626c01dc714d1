#include "transports/http3/server.hpp"

#include "core/base/fair_share.hpp"
#include "core/base/hash.hpp"
#include "core/base/quota_address.hpp"

#include <array>
#include <string>

#include <boost/assert.hpp>

namespace quicket::transports {

namespace {

constexpr std::size_t kPayload = 1200;  // bytes of UDP payload: works on every path
constexpr std::size_t kSegments = 16;   // datagrams per batch
constexpr std::size_t kResetSecret = 32;
constexpr std::size_t kScheduleKey = 32;

// Streams that a client may open: control, QPACK, and some of unknown types (RFC 9114 section 6.2.3).
constexpr std::uint64_t kClientStreams = 16;
constexpr std::uint64_t kStreamWindow = 128 * 1024;      // bytes; what arrives is read at once
constexpr std::uint64_t kConnectionWindow = 512 * 1024;  // bytes
constexpr std::size_t kSendBuffer = 256 * 1024;          // bytes per stream

}  // namespace

Result<std::unique_ptr<Http3Server>> Http3Server::create(Http3ServerConfig config) {
  const bool sound = config.credentials && config.reset_secret.size() == kResetSecret && config.max_connections > 0 &&
                     config.max_connections_per_client > 0 && config.limits.requests > 0;
  if (!sound) return make_error_code(boost::system::errc::invalid_argument);
  return std::unique_ptr<Http3Server>(new Http3Server(std::move(config)));
}

Http3Server::Http3Server(Http3ServerConfig config)
    : config_(std::move(config)),
      reset_bucket_(config_.resets_per_second, config_.resets_per_second),
      refusal_bucket_(config_.refusals_per_second, config_.refusals_per_second),
      version_bucket_(config_.refusals_per_second, config_.refusals_per_second),
      buffer_(kPayload * kSegments) {}

void Http3Server::receive(const Received& received, TimePoint now) {
  const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
  if (!header) return send_version_negotiation(received, now);  // IDs of other versions may be longer than we can parse
  const auto found = routes_.find(header->destination);
  if (found == routes_.end()) return receive_unknown(received, *header, now);
  Entry& entry = *found->second;
  entry.session->receive(received.addresses, received, now);
  settle(entry, now);
}

void Http3Server::transmit(DatagramSink& sink, TimePoint now) {
  for (const auto& [addresses, datagram] : std::exchange(answers_, {})) {
    sink.send(addresses, {.bytes = datagram, .segment_size = datagram.size()});
  }
  while (!ready_.empty()) {
    const auto found = entries_.find(ready_.front());
    ready_.pop_front();
    if (found == entries_.end()) continue;
    Entry& entry = *found->second;
    entry.is_ready = false;
    const auto written = entry.session->transmit(buffer_, kSegments, now);
    take_events(entry);
    if (written) {
      sink.send(written->path, {.bytes = ByteView(buffer_).first(written->size),
                                .segment_size = written->segment_size,
                                .ecn = written->ecn});
      make_ready(entry);  // behind the others
    }
    schedule(entry);
  }
}

std::optional<TimePoint> Http3Server::deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void Http3Server::on_deadline(TimePoint now) {
  std::vector<ConnectionHandle> due;
  for (auto it = deadlines_.begin(); it != deadlines_.end() && it->first <= now; ++it) due.push_back(it->second);
  for (const ConnectionHandle handle : due) {
    Entry& entry = *entries_.at(handle);
    entry.session->on_deadline(now);
    settle(entry, now);
  }
}

std::optional<Http3Server::Event> Http3Server::poll() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Result<void> Http3Server::respond(RequestId id, HttpResponse response, TimePoint now) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return make_error_code(Errc::kStreamUnknown);
  const auto [entry, stream] = found->second;
  if (const auto sent = entry->session->send_response(stream, std::move(response), now); !sent) return sent.error();
  ++counters_.responses;
  requests_.erase(id);
  entry->requests.erase(stream);
  settle(*entry, now);
  return {};
}

std::optional<AddressPair> Http3Server::path(ConnectionHandle connection) const {
  const auto found = entries_.find(connection);
  if (found == entries_.end() || found->second->stage != Entry::Stage::kOpen) return std::nullopt;
  return found->second->path;
}

Result<Bytes> Http3Server::exporter(ConnectionHandle connection, std::string_view label, std::size_t size) const {
  const auto found = entries_.find(connection);
  if (found == entries_.end() || found->second->stage != Entry::Stage::kOpen)
    return make_error_code(Errc::kConnectionClosed);
  return found->second->session->connection().exporter(label, size);
}

void Http3Server::close(ConnectionHandle connection, TimePoint now) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  Entry& entry = *found->second;
  entry.session->close(Http3Code::kNoError, {}, now);
  settle(entry, now);
}

void Http3Server::drain(TimePoint now) {
  if (std::exchange(draining_, true)) return;
  std::vector<Entry*> all;
  for (const auto& [handle, entry] : entries_) all.push_back(entry.get());
  for (Entry* entry : all) {
    entry->session->shut_down(now);
    settle(*entry, now);
  }
}

bool Http3Server::is_drained() const noexcept {
  return draining_ && connections() == 0 && ready_.empty() && answers_.empty();
}

void Http3Server::take_events(Entry& entry) {
  while (auto event = entry.session->poll()) {
    std::visit([&](auto& happened) { on(entry, happened); }, *event);
  }
}

// settle is what follows every call into a connection's session. The entry may be gone afterwards.
void Http3Server::settle(Entry& entry, TimePoint now) {
  take_events(entry);
  if (std::exchange(entry.is_surplus, false)) {
    ++counters_.refused;
    entry.session->close(Http3Code::kExcessiveLoad, "too many connections from this address", now);
    take_events(entry);
  }
  if (entry.session->connection().is_finished(now)) return erase(entry);
  make_ready(entry);
  schedule(entry);
}

void Http3Server::schedule(Entry& entry) {
  const auto deadline = entry.session->deadline();
  if (deadline == entry.deadline) return;
  if (entry.deadline) deadlines_.erase({*entry.deadline, entry.handle});
  if (deadline) deadlines_.emplace(*deadline, entry.handle);
  entry.deadline = deadline;
}

void Http3Server::make_ready(Entry& entry) {
  if (std::exchange(entry.is_ready, true)) return;
  ready_.push_back(entry.handle);
}

// is_at_limit: there are `others`, and so many of them this client's that it gets no more.
bool Http3Server::is_at_limit(const Address& client, std::size_t others) const {
  const auto found = clients_.find(client);
  const std::uint64_t most = fair_share(config_.max_connections_per_client, others, config_.max_connections);
  return found != clients_.end() && found->second >= most;
}

// count is for validated addresses only: whoever forges one is not to use up what its owner may have.
void Http3Server::count(Entry& entry, const Address& remote) {
  if (entry.client) return;
  entry.client = quota_address(remote);
  entry.is_surplus = is_at_limit(*entry.client, entries_.size() - 1);
  ++clients_[*entry.client];
}

void Http3Server::route(Entry& entry, const ConnectionId& id) {
  if (routes_.emplace(id, &entry).second) entry.ids.insert(id);
}

void Http3Server::erase(Entry& entry) {
  for (const ConnectionId& id : entry.ids) routes_.erase(id);
  for (const auto& [stream, request] : entry.requests) requests_.erase(request);
  if (entry.deadline) deadlines_.erase({*entry.deadline, entry.handle});
  if (entry.stage == Entry::Stage::kHalfOpen) --half_open_;
  if (entry.stage == Entry::Stage::kOpen) --open_;
  if (const auto found = entry.client ? clients_.find(*entry.client) : clients_.end(); found != clients_.end()) {
    if (--found->second == 0) clients_.erase(found);
  }
  const ConnectionHandle handle = entry.handle;
  entries_.erase(handle);
}

void Http3Server::on(Entry& entry, const SessionReady&) {
  BOOST_ASSERT(entry.stage == Entry::Stage::kHalfOpen);
  entry.stage = Entry::Stage::kOpen;
  --half_open_;
  ++open_;
  ++counters_.opened;
  entry.path = entry.session->connection().path();  // validated by the handshake (RFC 9000 section 8.1)
  count(entry, entry.path.remote);
  events_.push_back(ConnectionOpened{entry.handle, entry.path});
}

void Http3Server::on(Entry& entry, RequestReceived& event) {
  const RequestId id{++last_request_};
  ++counters_.requests;
  requests_.emplace(id, RequestPlace{&entry, event.stream});
  entry.requests.emplace(event.stream, id);
  events_.push_back(RequestArrived{id, entry.handle, std::move(event.request)});
}

void Http3Server::on(Entry& entry, const ExchangeFailed& event) {
  const auto found = entry.requests.find(event.stream);
  if (found == entry.requests.end()) return;
  events_.push_back(RequestCancelled{found->second});
  requests_.erase(found->second);
  entry.requests.erase(found);
}

void Http3Server::on(Entry& entry, const quic::PathValidated& event) {
  const bool moved = event.ok && event.path != entry.path && event.path == entry.session->connection().path();
  if (!moved || entry.stage != Entry::Stage::kOpen) return;
  entry.path = event.path;
  events_.push_back(PathChanged{entry.handle, entry.path});
}

void Http3Server::on(Entry& entry, const quic::Closed&) {
  const Entry::Stage before = std::exchange(entry.stage, Entry::Stage::kClosed);
  if (before == Entry::Stage::kHalfOpen) --half_open_;
  if (before != Entry::Stage::kOpen) return;
  --open_;
  events_.push_back(ConnectionClosed{entry.handle});
}

void Http3Server::on(Entry& entry, const quic::ConnectionIdRetired& event) {
  if (entry.ids.erase(event.id) > 0) routes_.erase(event.id);
}

Result<quic::Policy> Http3Server::new_policy() const {
  std::array<std::byte, kScheduleKey> key;
  random_fill(key);
  auto schedule = Schedule::create(key, Owner::kHttp3);
  if (!schedule) return schedule.error();
  quic::Policy policy{.role = quic::Role::kServer,
                      .cids = std::move(*schedule),
                      .tls = {.own = config_.credentials, .alpn = {"h3"}, .web_signatures = true},
                      .reset_secret = config_.reset_secret};
  policy.idle_timeout = config_.idle_timeout;
  policy.handshake_timeout = config_.handshake_timeout;
  policy.max_streams_bidi = config_.limits.requests;
  policy.max_streams_uni = kClientStreams;
  policy.stream_window = kStreamWindow;
  policy.connection_window = kConnectionWindow;
  policy.send_buffer = kSendBuffer;
  policy.answers_in_kind = true;
  policy.max_datagram_frame = 0;
  policy.max_udp_payload = kPayload;
  return policy;
}

}  // namespace quicket::transports
