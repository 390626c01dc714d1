#include "transports/endpoint/link_state.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

namespace quicket::detail {

namespace {

quic::Direction direction_of(quic::StreamId id) {
  return quic::is_unidirectional(id) ? quic::Direction::kUnidirectional : quic::Direction::kBidirectional;
}

Failure aborted() { return {asio::error::operation_aborted, {}}; }

// complete_cancelled takes the operation out of the list and completes it. False when it is not there.
template <class List, class Reason>
bool complete_cancelled(List& list, OperationId id, Reason reason) {
  const auto found = std::ranges::find_if(list, [&](const auto& waiting) { return waiting.id == id; });
  if (found == list.end()) return false;
  auto cancelled = std::move(*found);
  list.erase(found);
  cancelled.pending.complete(std::move(reason));
  return true;
}

template <class List, class Reason>
void complete_all(List& list, const Reason& reason) {
  for (auto& waiting : std::exchange(list, {})) waiting.pending.complete(reason);
}

}  // namespace

LinkState::LinkState(Driver& driver, Facts facts) : driver_(driver), facts_(std::move(facts)) {}

quic::Connection* LinkState::connection() { return end_ ? nullptr : driver_.host().connection(facts_.id); }

void LinkState::touch() {
  if (end_) return;
  driver_.host().touch(facts_.id, boot_now());
  driver_.schedule();
}

StreamState* LinkState::find(quic::StreamId id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

void LinkState::on_event(const quic::Event& event) {
  quic::Connection* const native = connection();
  if (const auto* opened = std::get_if<quic::StreamOpened>(&event)) {
    opened_[direction_of(opened->id)].push_back(opened->id);
    serve_accepting(direction_of(opened->id));
  } else if (const auto* readable = std::get_if<quic::StreamReadable>(&event)) {
    if (auto* stream = find(readable->id)) stream->on_readable(native);
  } else if (const auto* writable = std::get_if<quic::StreamWritable>(&event)) {
    if (auto* stream = find(writable->id)) stream->on_writable(native);
  } else if (const auto* reset = std::get_if<quic::StreamReset>(&event)) {
    if (auto* stream = find(reset->id)) stream->on_reset(native);
  } else if (const auto* stopped = std::get_if<quic::StreamStopped>(&event)) {
    if (auto* stream = find(stopped->id)) stream->on_stopped(native);
  } else if (const auto* closed = std::get_if<quic::StreamClosed>(&event)) {
    if (auto* stream = find(closed->id)) stream->on_closed(native);
    opened_[direction_of(closed->id)].erase_if([&](quic::StreamId id) { return id == closed->id; });
  } else if (const auto* available = std::get_if<quic::StreamsAvailable>(&event)) {
    serve_opening(available->direction);
  } else if (std::holds_alternative<quic::DatagramReceived>(event)) {
    serve_datagrams();
  }
  touch();
}

void LinkState::on_disconnected(const Disconnected& event) {
  ConnectionEnd end{.why = event.why, .by_us = event.by_us, .code = 0, .text = {}};
  quic::Connection* const native = connection();
  if (native && native->close_reason()) {
    using Kind = quic::CloseReason::Kind;
    const quic::CloseReason& reason = *native->close_reason();
    if (reason.kind == Kind::kApplication || reason.kind == Kind::kLocal) {
      end.code = reason.code;
      end.text = reason.text;
    }
  }
  finish(std::move(end));
}

void LinkState::abort(Failure why) {
  if (end_) return;
  finish({.why = std::move(why), .by_us = true, .code = 0, .text = {}});
}

void LinkState::finish(ConnectionEnd end) {
  if (end_) return;
  last_path_ = path();
  last_statistics_ = statistics();
  quic::Connection* const native = connection();
  for (const auto& [direction, ids] : opened_) {
    for (const quic::StreamId id : ids) streams_.try_emplace(id, id, true, !quic::is_unidirectional(id));
  }
  end_ = std::move(end);
  for (auto& [id, stream] : streams_) stream.on_end(end_->why.code, native);
  for (auto& [direction, waiting] : opening_) complete_all(waiting, end_->why);
  for (auto& [direction, waiting] : accepting_) complete_all(waiting, end_->why);
  complete_all(sending_, end_->why);
  complete_all(receiving_, end_->why);
  complete_all(waiting_for_end_, *end_);
}

void LinkState::drop() {
  if (!end_) end_ = ConnectionEnd{.why = aborted(), .by_us = true, .code = 0, .text = {}};
  // What is destroyed may come back here for other handles.
  const auto streams = std::exchange(streams_, {});
  const auto opening = std::exchange(opening_, {}), accepting = std::exchange(accepting_, {});
  const auto sending = std::exchange(sending_, {});
  const auto receiving = std::exchange(receiving_, {});
  const auto waiting = std::exchange(waiting_for_end_, {});
}

Stream LinkState::make_stream(quic::StreamId id, Self self) {
  const bool ours = quic::is_server_initiated(id) != facts_.is_dialer, both = !quic::is_unidirectional(id);
  streams_.try_emplace(id, id, both || !ours, both || ours);
  return StreamHandle::stream_of(std::make_shared<StreamHandle>(std::move(self), id));
}

void LinkState::open_stream(OperationId id, quic::Direction direction, Self self, StreamPending pending) {
  opening_[direction].push_back({id, std::move(self), std::move(pending)});
  serve_opening(direction);
}

void LinkState::serve_opening(quic::Direction direction) {
  auto& waiting = opening_[direction];
  while (!waiting.empty()) {
    quic::Connection* const native = connection();
    auto opened = native ? native->open_stream(direction) : Result<quic::StreamId>(Errc::kConnectionClosed);
    if (!end_ && opened.has_error() && opened.error() == Errc::kWouldBlock) return;
    if (!end_ && opened.has_error() && opened.error() == Errc::kConnectionClosed)
      return;  // its last event is on the way
    Opening first = std::move(waiting.front());
    waiting.pop_front();
    if (opened) {
      first.pending.complete(make_stream(*opened, std::move(first.self)));
    } else {
      first.pending.complete(end_ ? end_->why : Failure{opened.error(), {}});
    }
  }
}

void LinkState::accept_stream(OperationId id, quic::Direction direction, Self self, StreamPending pending) {
  accepting_[direction].push_back({id, std::move(self), std::move(pending)});
  serve_accepting(direction);
}

void LinkState::serve_accepting(quic::Direction direction) {
  auto& waiting = accepting_[direction];
  auto& opened = opened_[direction];
  while (!waiting.empty() && (!opened.empty() || end_)) {
    Opening first = std::move(waiting.front());
    waiting.pop_front();
    if (opened.empty()) {
      first.pending.complete(end_->why);
      continue;
    }
    const quic::StreamId id = opened.take_front();
    first.pending.complete(make_stream(id, std::move(first.self)));
  }
}

void LinkState::abandon_stream(quic::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  StreamState stream = std::move(found->second);
  streams_.erase(found);
  stream.abandon(connection());
  touch();
}

void LinkState::send_datagram(OperationId id, ByteView datagram, Pending<Outcome<>> pending) {
  sending_.push_back({id, datagram, std::move(pending)});
  serve_sending();
}

void LinkState::serve_sending() {
  while (!sending_.empty()) {
    quic::Connection* const native = connection();
    auto sent = native ? native->send_datagram(sending_.front().datagram) : Result<void>(Errc::kConnectionClosed);
    if (!end_ && sent.has_error() && sent.error() == Errc::kWouldBlock) return wait_for_room();
    if (!end_ && sent.has_error() && sent.error() == Errc::kConnectionClosed) return;
    Sending first = std::move(sending_.front());
    sending_.pop_front();
    if (sent) {
      first.pending.complete(Outcome<>());
    } else {
      first.pending.complete(end_ ? end_->why : Failure{sent.error(), {}});
    }
    touch();
  }
}

void LinkState::wait_for_room() {
  if (std::exchange(waits_for_room_, true)) return;
  driver_.when_pumped([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->waits_for_room_ = false;
    self->serve_sending();
  });
}

void LinkState::receive_datagram(OperationId id, Pending<Outcome<Bytes>> pending) {
  receiving_.push_back({id, std::move(pending)});
  serve_datagrams();
}

void LinkState::serve_datagrams() {
  while (!receiving_.empty()) {
    quic::Connection* const native = connection();
    auto datagram = native ? native->receive_datagram() : std::nullopt;
    if (!datagram && !end_) return;
    Waiting<Bytes> first = std::move(receiving_.front());
    receiving_.pop_front();
    first.pending.complete(datagram ? Outcome<Bytes>(std::move(*datagram)) : Outcome<Bytes>(end_->why));
  }
}

void LinkState::wait_closed(OperationId id, Pending<Outcome<ConnectionEnd>> pending) {
  if (end_) return pending.complete(*end_);
  waiting_for_end_.push_back({id, std::move(pending)});
}

void LinkState::close(std::uint64_t code, std::string_view text) {
  if (end_) return;
  driver_.host().close(facts_.id, code, text, boot_now());
  driver_.schedule();
}

void LinkState::cancel(OperationId id) {
  for (auto& [direction, waiting] : opening_) {
    if (complete_cancelled(waiting, id, aborted())) return;
  }
  for (auto& [direction, waiting] : accepting_) {
    if (complete_cancelled(waiting, id, aborted())) return;
  }
  if (complete_cancelled(sending_, id, aborted())) return;
  if (complete_cancelled(receiving_, id, aborted())) return;
  complete_cancelled(waiting_for_end_, id, aborted());
}

std::size_t LinkState::max_datagram() {
  quic::Connection* const native = connection();
  return native ? native->max_datagram() : 0;
}

PathInfo LinkState::path() {
  quic::Connection* const native = connection();
  const Link* const link = end_ ? nullptr : driver_.host().link(facts_.id);
  if (!native || !link) return last_path_;
  const auto statistics = native->statistics();
  PathInfo path{.smoothed_rtt = statistics.smoothed_rtt, .min_rtt = statistics.min_rtt};
  const Leg* const leg = link->leg_in_use();
  if (leg && !leg->transport->hint().addresses.empty()) path.remote = leg->transport->hint().addresses.front();
  return path;
}

ConnectionStatistics LinkState::statistics() {
  quic::Connection* const native = connection();
  if (!native) return last_statistics_;
  const auto now = native->statistics();
  return {.bytes_sent = now.bytes_sent,
          .bytes_received = now.bytes_received,
          .packets_sent = now.packets_sent,
          .packets_received = now.packets_received,
          .congestion_window = now.congestion_window,
          .bytes_in_flight = now.bytes_in_flight};
}

Result<Bytes> LinkState::exporter(std::string_view label, std::size_t size) {
  quic::Connection* const native = connection();
  if (!native) return Errc::kConnectionClosed;
  return native->exporter(label, size);
}

ConnectionHandle::~ConnectionHandle() {
  const Strand strand = link->strand();
  asio::dispatch(strand, [keeper = std::move(keeper), link = std::move(link)] { link->close(0, {}); });
}

StreamHandle::~StreamHandle() {
  // The connection's handle goes after this: it may be the last.
  asio::dispatch(connection->link->strand(),
                 [keeper = connection->keeper, link = connection->link, id = id] { link->abandon_stream(id); });
}

}  // namespace quicket::detail
