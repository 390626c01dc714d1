// What Http3Session does about each event of its connection and of its codec.
#include "transports/http3/session.hpp"

#include <utility>
#include <vector>

namespace quicket::transports {

namespace {

constexpr std::string_view kAlpn = "h3";
constexpr std::uint64_t kNoApplicationProtocol = 0x100 + 120;  // TLS alert as a QUIC error (RFC 9001 section 8.1)

}  // namespace

void Http3Session::on(const quic::HandshakeCompleted&, TimePoint now) {
  if (connection_->alpn() != kAlpn) {
    return connection_->fail(kNoApplicationProtocol, {make_error_code(Errc::kNoCommonProtocol), {}}, now);
  }
  open_control_streams(now);
}

void Http3Session::on(const quic::StreamOpened& event, TimePoint now) {
  if (!is_server() || quic::is_unidirectional(event.id)) return;
  exchanges_[event.id] = {.stage = Stage::kRequest, .deadline = now + limits_.request_deadline};
}

void Http3Session::on(const quic::StreamWritable& event, TimePoint) {
  if (!broken_) codec_->unblock(event.id);
}

void Http3Session::on(const quic::StreamReset& event, TimePoint now) {
  if (broken_ || quic::is_unidirectional(event.id)) return;  // a critical one ends the connection when it closes
  if (is_server()) {
    if (!resets_.take(now)) {
      is_broken(Http3Codec::Trouble{wire(Http3Code::kExcessiveLoad), "too many cancelled requests"}, now);
      return;
    }
    const auto found = exchanges_.find(event.id);
    if (found != exchanges_.end() && found->second.stage == Stage::kRequest)
      return abort(event.id, Http3Code::kRequestCancelled, now);
    is_broken(codec_->stop_reading(event.id), now);
    return;
  }
  fail(event.id, event.code == wire(Http3Code::kRequestRejected) ? Errc::kHttpGoingAway : Errc::kStreamReset);
  abort(event.id, Http3Code::kRequestCancelled, now);
}

// A client goes on waiting: the response may well be complete (RFC 9114 section 4.1).
void Http3Session::on(const quic::StreamStopped& event, TimePoint now) {
  if (broken_) return;
  codec_->stop_writing(event.id);
  if (is_server() && !quic::is_unidirectional(event.id)) {
    fail(event.id, Errc::kStreamStopped);
    abort(event.id, Http3Code::kRequestCancelled, now);
  }
}

void Http3Session::on(const quic::StreamClosed& event, TimePoint now) {
  fail(event.id, Errc::kStreamReset);
  exchanges_.erase(event.id);
  if (broken_) return;
  if (is_broken(codec_->close(event.id, wire(Http3Code::kNoError)), now)) return;
  if (is_server() && !quic::is_unidirectional(event.id)) codec_->allow_requests(limits_.requests + ++closed_requests_);
}

void Http3Session::on(const quic::Closed& event, TimePoint) {
  for (const auto& [stream, exchange] : std::exchange(exchanges_, {})) {
    const bool awaited = is_server() ? exchange.stage == Stage::kAnswer : exchange.stage == Stage::kRequest;
    if (awaited) events_.push_back(ExchangeFailed{stream, event.reason.error});
  }
  events_.push_back(event);
}

void Http3Session::on(RequestDecoded& event, TimePoint) {
  const auto found = exchanges_.find(event.stream);
  if (found == exchanges_.end() || found->second.stage != Stage::kRequest) return;
  found->second = {.stage = Stage::kAnswer};
  events_.push_back(RequestReceived{event.stream, std::move(event.request)});
}

void Http3Session::on(ResponseDecoded& event, TimePoint) {
  const auto found = exchanges_.find(event.stream);
  if (found == exchanges_.end() || found->second.stage != Stage::kRequest) return;
  found->second = {.stage = Stage::kOver};
  events_.push_back(ResponseReceived{event.stream, std::move(event.response)});
}

void Http3Session::on(const MessageTooLarge& event, TimePoint now) {
  const auto found = exchanges_.find(event.stream);
  if (found == exchanges_.end() || found->second.stage != Stage::kRequest) return;
  if (is_server()) return refuse(event.stream, event.head ? 431 : 413, now);
  fail(event.stream, Errc::kHttpTooLarge);
  abort(event.stream, Http3Code::kRequestCancelled, now);
}

void Http3Session::on(const StopWanted& event, TimePoint) { connection_->stop_sending(event.stream, event.code); }

void Http3Session::on(const ResetWanted& event, TimePoint) {
  connection_->reset(event.stream, event.code);
  fail(event.stream, Errc::kHttpMalformed);
}

void Http3Session::on(const GoAwayDecoded& event, TimePoint now) {
  if (is_server()) return;  // a client's GOAWAY speaks of pushes, which do not exist here
  if (!std::exchange(going_away_, true)) events_.push_back(SessionGoingAway{});
  std::vector<quic::StreamId> refused;
  for (const auto& [stream, exchange] : exchanges_) {
    if (stream >= event.first_refused) refused.push_back(stream);
  }
  for (const quic::StreamId stream : refused) {
    fail(stream, Errc::kHttpGoingAway);
    abort(stream, Http3Code::kRequestCancelled, now);
  }
}

}  // namespace quicket::transports
