#include <quicket/stream.hpp>

#include "transports/endpoint/link_state.hpp"

#include <utility>

namespace quicket {

namespace {

using detail::OperationId;
using detail::Pending;
using detail::StreamState;
using Handle = std::shared_ptr<detail::StreamHandle>;

// run does `action(StreamState&, quic::Connection*)` on the strand.
template <class Action>
void run(Handle stream, Action action) {
  const detail::Strand strand = stream->connection->link->strand();
  boost::asio::dispatch(strand, [stream = std::move(stream), action = std::move(action)]() mutable {
    stream->connection->link->with_stream(stream->id, action);
  });
}

// start does `action(StreamState&, quic::Connection*, OperationId, Pending)` on the strand, and lets the operation be
// cancelled.
template <class Action, class... Args>
void start(Handle stream, boost::asio::any_completion_handler<void(Args...)> handler, Action action) {
  detail::LinkState& link = *stream->connection->link;
  const OperationId id = link.next_operation();
  detail::on_cancel(handler, [weak = std::weak_ptr(stream), id] {
    if (const auto alive = weak.lock()) {
      run(alive, [id](StreamState& state, quic::Connection* connection) { state.cancel(id, connection); });
    }
  });
  Pending<Args...> pending(std::move(handler), link.strand());
  auto begin = [action = std::move(action), id, pending = std::move(pending)](StreamState& state,
                                                                              quic::Connection* connection) mutable {
    action(state, connection, id, std::move(pending));
  };
  run(std::move(stream), std::move(begin));
}

}  // namespace

Stream::Stream(std::shared_ptr<detail::StreamHandle> handle) : handle_(std::move(handle)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

Stream::executor_type Stream::get_executor() const noexcept { return handle_->connection->link->strand(); }

std::int64_t Stream::id() const noexcept { return handle_->id; }

void Stream::start_read(std::shared_ptr<detail::StreamHandle> stream, const detail::ReadBuffers& buffers,
                        detail::TransferHandler handler) {
  start(std::move(stream), std::move(handler),
        [buffers](StreamState& state, quic::Connection* connection, OperationId id, auto pending) {
          state.read(id, buffers, std::move(pending), connection);
        });
}

void Stream::start_write(std::shared_ptr<detail::StreamHandle> stream, const detail::WriteBuffers& buffers,
                         detail::TransferHandler handler) {
  start(std::move(stream), std::move(handler),
        [buffers](StreamState& state, quic::Connection* connection, OperationId id, auto pending) {
          state.write(id, buffers, std::move(pending), connection);
        });
}

void Stream::start_wait_closed(std::shared_ptr<detail::StreamHandle> stream, detail::WaitHandler handler) {
  start(std::move(stream), std::move(handler), [](StreamState& state, quic::Connection*, OperationId id, auto pending) {
    state.wait_closed(id, std::move(pending));
  });
}

void Stream::shutdown_send() {
  run(handle_, [](StreamState& state, quic::Connection* connection) { state.shutdown_send(connection); });
}

void Stream::reset(std::uint64_t code) {
  run(handle_, [code](StreamState& state, quic::Connection* connection) { state.reset(code, connection); });
}

void Stream::stop_sending(std::uint64_t code) {
  run(handle_, [code](StreamState& state, quic::Connection* connection) { state.stop_sending(code, connection); });
}

}  // namespace quicket
