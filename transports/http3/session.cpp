#include "transports/http3/session.hpp"

#include "transports/http3/fields.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace quicket::transports {

namespace {

constexpr std::size_t kControlStreams = 3;  // control, QPACK encoder and decoder (RFC 9114 section 6.2)
constexpr double kResetsPerSecond = 10, kResetsAtOnce = 100;
constexpr Duration kShortestGoAwayGap = std::chrono::milliseconds(50);
constexpr Duration kLongestGoAwayGap = std::chrono::seconds(1);

}  // namespace

Result<std::unique_ptr<Http3Session>> Http3Session::create(std::unique_ptr<quic::Connection> connection,
                                                           const HttpLimits& limits) {
  auto codec = Http3Codec::create(connection->role(), limits);
  if (!codec) return codec.error();
  if (connection->role() == quic::Role::kServer) (*codec)->allow_requests(limits.requests);
  return std::unique_ptr<Http3Session>(new Http3Session(std::move(connection), std::move(*codec), limits));
}

Http3Session::Http3Session(std::unique_ptr<quic::Connection> connection, std::unique_ptr<Http3Codec> codec,
                           const HttpLimits& limits)
    : connection_(std::move(connection)),
      codec_(std::move(codec)),
      limits_(limits),
      resets_(kResetsPerSecond, kResetsAtOnce) {}

quic::Arrival Http3Session::receive(const quic::Path& path, const Received& received, TimePoint now) {
  const quic::Arrival arrival = connection_->receive(path, received.ecn, received.bytes, now);
  settle(now);
  return arrival;
}

std::optional<quic::Transmit> Http3Session::transmit(MutableByteView buffer, std::size_t max_segments, TimePoint now) {
  const auto written = connection_->transmit(buffer, max_segments, now);
  settle(now);
  return written;
}

std::optional<TimePoint> Http3Session::deadline() const {
  std::optional<TimePoint> earliest = connection_->deadline();
  if (connection_->is_closed()) return earliest;
  for (const std::optional<TimePoint>& other : {exchange_deadline(), goaway_at_}) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  }
  return earliest;
}

std::optional<TimePoint> Http3Session::exchange_deadline() const {
  std::optional<TimePoint> earliest;
  for (const auto& [stream, exchange] : exchanges_) {
    if (exchange.deadline && (!earliest || *exchange.deadline < *earliest)) earliest = exchange.deadline;
  }
  return earliest;
}

void Http3Session::on_deadline(TimePoint now) {
  connection_->on_deadline(now);
  check_deadlines(now);
  settle(now);
}

std::optional<SessionEvent> Http3Session::poll() {
  if (events_.empty()) return std::nullopt;
  return events_.take_front();
}

std::size_t Http3Session::exchanges_in_progress() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(exchanges_, [](const auto& entry) { return entry.second.stage != Stage::kOver; }));
}

Result<quic::StreamId> Http3Session::send_request(HttpRequest&& request, TimePoint deadline, TimePoint now) {
  if (connection_->is_closed()) return make_error_code(Errc::kConnectionClosed);
  if (going_away_) return make_error_code(Errc::kHttpGoingAway);
  if (!codec_->is_bound()) return make_error_code(Errc::kWouldBlock);
  if (const auto fields = request_fields(request); !fields) return fields.error();
  const auto stream = connection_->open_stream(quic::Direction::kBidirectional);
  if (!stream) return stream.error();
  if (const auto submitted = codec_->submit_request(*stream, std::move(request)); !submitted) {
    connection_->reset(*stream, wire(Http3Code::kRequestCancelled));
    connection_->stop_sending(*stream, wire(Http3Code::kRequestCancelled));
    return submitted.error();
  }
  exchanges_[*stream] = {.stage = Stage::kRequest, .deadline = deadline};
  settle(now);
  return *stream;
}

Result<void> Http3Session::send_response(quic::StreamId stream, HttpResponse response, TimePoint now) {
  if (connection_->is_closed()) return make_error_code(Errc::kConnectionClosed);
  const auto found = exchanges_.find(stream);
  if (found == exchanges_.end() || found->second.stage != Stage::kAnswer) return make_error_code(Errc::kStreamUnknown);
  if (const auto submitted = codec_->submit_response(stream, std::move(response)); !submitted) return submitted.error();
  found->second = {.stage = Stage::kResponse, .deadline = now + limits_.request_deadline};
  settle(now);
  return {};
}

void Http3Session::cancel(quic::StreamId stream, TimePoint now) {
  if (broken_ || !exchanges_.contains(stream)) return;
  abort(stream, Http3Code::kRequestCancelled, now);
  settle(now);
}

void Http3Session::shut_down(TimePoint now) {
  if (std::exchange(shutting_down_, true) || connection_->is_closed()) return;
  if (!codec_->is_bound()) return close(Http3Code::kNoError, {}, now);
  if (is_broken(codec_->announce_shutdown(), now)) return;
  const Duration two_trips = 2 * connection_->statistics().smoothed_rtt;
  goaway_at_ = now + std::clamp(two_trips, kShortestGoAwayGap, kLongestGoAwayGap);
  settle(now);
}

void Http3Session::close(Http3Code code, std::string_view text, TimePoint now) {
  connection_->close(wire(code), text, true, now);
  settle(now);
}

void Http3Session::settle(TimePoint now) {
  take_quic_events(now);
  finish_shut_down(now);
  write(now);
  take_quic_events(now);
  if (exchanges_.empty()) codec_->rest();
}

void Http3Session::take_quic_events(TimePoint now) {
  while (auto event = connection_->poll()) {
    std::visit([&](const auto& happened) { on(happened, now); }, *event);
  }
}

void Http3Session::take_codec_events(TimePoint now) {
  while (auto event = codec_->poll()) {
    std::visit([&](auto& happened) { on(happened, now); }, *event);
  }
}

void Http3Session::write(TimePoint now) {
  if (broken_ || connection_->is_closed()) return;
  is_broken(codec_->write([&](quic::StreamId stream, ByteView bytes, bool fin) -> std::optional<std::size_t> {
    const auto taken = connection_->write(stream, bytes, fin);
    return taken ? std::optional(*taken) : std::nullopt;
  }),
            now);
}

void Http3Session::check_deadlines(TimePoint now) {
  if (broken_ || connection_->is_closed()) return;
  std::vector<quic::StreamId> late;
  for (const auto& [stream, exchange] : exchanges_) {
    if (exchange.deadline && *exchange.deadline <= now) late.push_back(stream);
  }
  for (const quic::StreamId stream : late) {
    if (is_server() && exchanges_[stream].stage == Stage::kRequest) {
      refuse(stream, 408, now);
    } else {
      if (!is_server()) fail(stream, Errc::kHttpDeadline);
      abort(stream, Http3Code::kRequestCancelled, now);
    }
  }
  if (goaway_at_ && *goaway_at_ <= now) {
    goaway_at_.reset();
    is_broken(codec_->shut_down(), now);
  }
}

void Http3Session::finish_shut_down(TimePoint now) {
  if (!shutting_down_ || goaway_at_ || exchanges_in_progress() > 0 || broken_ || connection_->is_closed()) return;
  write(now);  // the last GOAWAY goes before the end
  connection_->close(wire(Http3Code::kNoError), {}, true, now);
}

void Http3Session::open_control_streams(TimePoint now) {
  std::array<quic::StreamId, kControlStreams> streams{};
  for (quic::StreamId& stream : streams) {
    const auto opened = connection_->open_stream(quic::Direction::kUnidirectional);
    if (!opened) {
      constexpr std::string_view kWhy = "three unidirectional streams are needed";
      return connection_->close(wire(Http3Code::kStreamCreationError), kWhy, true, now);
    }
    stream = *opened;
  }
  if (is_broken(codec_->bind(streams[0], streams[1], streams[2]), now)) return;
  events_.push_back(SessionReady{});
}

void Http3Session::read(quic::StreamId stream, TimePoint now) {
  std::array<std::byte, 16 * 1024> buffer;
  while (!broken_) {
    const auto got = connection_->read(stream, buffer);
    if (!got || (got->size == 0 && !got->fin)) return;
    if (is_broken(codec_->read(stream, ByteView(buffer).first(got->size), got->fin), now)) return;
    take_codec_events(now);
    if (got->fin) return;
  }
}

// refuse answers a request without showing it to the application, and asks the client to stop (RFC 9114 section 4.1).
void Http3Session::refuse(quic::StreamId stream, int status, TimePoint now) {
  if (broken_) return;
  events_.push_back(RequestRefused{status});
  if (!codec_->submit_response(stream, {.status = status})) return abort(stream, Http3Code::kRequestIncomplete, now);
  exchanges_[stream] = {.stage = Stage::kResponse, .deadline = now + limits_.request_deadline};
  connection_->stop_sending(stream, wire(Http3Code::kNoError));
  is_broken(codec_->stop_reading(stream), now);
}

void Http3Session::abort(quic::StreamId stream, Http3Code code, TimePoint now) {
  if (const auto found = exchanges_.find(stream); found != exchanges_.end()) found->second = {.stage = Stage::kOver};
  connection_->reset(stream, wire(code));
  connection_->stop_sending(stream, wire(code));
  if (broken_) return;
  codec_->stop_writing(stream);
  is_broken(codec_->stop_reading(stream), now);
}

// fail reports the end of an exchange that somebody waits for.
void Http3Session::fail(quic::StreamId stream, error_code error) {
  const auto found = exchanges_.find(stream);
  if (found == exchanges_.end()) return;
  const Stage stage = std::exchange(found->second.stage, Stage::kOver);
  found->second.deadline.reset();
  const bool awaited = is_server() ? stage == Stage::kAnswer : stage == Stage::kRequest;
  if (awaited) events_.push_back(ExchangeFailed{stream, error});
}

bool Http3Session::is_broken(Http3Codec::Outcome outcome, TimePoint now) {
  if (outcome) {
    broken_ = true;
    connection_->close(outcome->code, outcome->text, true, now);
  }
  return broken_;
}

}  // namespace quicket::transports
