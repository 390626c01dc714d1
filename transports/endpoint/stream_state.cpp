#include "transports/endpoint/stream_state.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace quicket::detail {

namespace {

constexpr std::size_t kRestBlock = 64 * 1024;

MutableByteView view_of(const asio::mutable_buffer& buffer) {
  return {static_cast<std::byte*>(buffer.data()), buffer.size()};
}
ByteView view_of(const asio::const_buffer& buffer) {
  return {static_cast<const std::byte*>(buffer.data()), buffer.size()};
}

}  // namespace

StreamState::StreamState(quic::StreamId id, bool can_read, bool can_write) : id_(id) {
  if (!can_read) receive_end_ = Errc::kUnsupported;
  if (!can_write) send_end_ = Errc::kUnsupported;
}

void StreamState::read(OperationId operation, const ReadBuffers& buffers, Transfer pending,
                       quic::Connection* connection) {
  if (reading_) return pending.complete(asio::error::in_progress, 0);
  if (buffers.count == 0) return pending.complete({}, 0);
  reading_.emplace(Operation<ReadBuffers>{operation, buffers, std::move(pending)});
  serve_read(connection);
}

void StreamState::write(OperationId operation, const WriteBuffers& buffers, Transfer pending,
                        quic::Connection* connection) {
  if (writing_) return pending.complete(asio::error::in_progress, 0);
  if (buffers.count == 0) return pending.complete({}, 0);
  writing_.emplace(Operation<WriteBuffers>{operation, buffers, std::move(pending)});
  serve_write(connection);
}

void StreamState::wait_closed(OperationId operation, Wait pending) {
  closing_.push_back({operation, std::move(pending)});
  finish_closing();
}

void StreamState::serve_read(quic::Connection* connection) {
  if (!reading_) return;
  const auto& list = reading_->buffers;
  std::size_t total = 0;
  for (std::size_t i = 0; i < list.count; ++i) {
    const MutableByteView buffer = view_of(list.buffers[i]);
    std::size_t size = 0;
    if (rest_read_ < rest_.size()) {
      const ByteView rest = ByteView(rest_).subspan(rest_read_);
      size = std::min(rest.size(), buffer.size());
      std::ranges::copy(rest.first(size), buffer.begin());
      rest_read_ += size;
    } else if (!receive_end_ && connection) {
      const auto got = connection->read(id_, buffer);
      if (!got) {
        // Of a stream that is gone its last event is still on the way.
        if (got.error() == Errc::kStreamReset) {
          receive_end_ = got.error();
          note(got.error());
        }
        break;
      }
      size = got->size;
      if (got->fin) receive_end_ = asio::error::eof;
    }
    total += size;
    if (size < buffer.size()) break;
  }
  if (total > 0) return finish_read({}, total);
  if (receive_end_) finish_read(*receive_end_, 0);
}

void StreamState::finish_read(error_code error, std::size_t size) {
  auto done = std::move(*reading_);
  reading_.reset();
  done.pending.complete(error, size);
}

void StreamState::serve_write(quic::Connection* connection) {
  if (!writing_) return;
  if (send_end_) return finish_write(*send_end_, 0, connection);
  if (!connection) return;
  const auto& list = writing_->buffers;
  std::size_t total = 0;
  for (std::size_t i = 0; i < list.count; ++i) {
    const ByteView buffer = view_of(list.buffers[i]);
    const auto taken = connection->write(id_, buffer);
    if (!taken) {
      if (taken.error() == Errc::kStreamStopped && total == 0) return on_stopped(connection);
      break;
    }
    total += *taken;
    if (*taken < buffer.size()) break;
  }
  if (total > 0) finish_write({}, total, connection);
}

void StreamState::finish_write(error_code error, std::size_t size, quic::Connection* connection) {
  auto done = std::move(*writing_);
  writing_.reset();
  done.pending.complete(error, size);
  if (std::exchange(shutdown_due_, false)) shutdown_send(connection);
}

void StreamState::shutdown_send(quic::Connection* connection) {
  if (send_end_) return;
  if (writing_) {
    shutdown_due_ = true;
    return;
  }
  send_end_ = asio::error::shut_down;
  // A stream that the other side has stopped has no end to send.
  if (connection) static_cast<void>(connection->write(id_, {}, true));
}

void StreamState::reset(std::uint64_t code, quic::Connection* connection) {
  if (connection) connection->reset(id_, code);
  if (send_end_ && *send_end_ != asio::error::shut_down) return;
  note(asio::error::operation_aborted);
  send_end_.reset();
  end_sending(asio::error::operation_aborted, connection);
}

void StreamState::stop_sending(std::uint64_t code, quic::Connection* connection) {
  if (receive_end_) return;
  if (connection) connection->stop_sending(id_, code);
  note(asio::error::operation_aborted);
  end_receiving(asio::error::operation_aborted, connection);
}

void StreamState::end_receiving(error_code why, quic::Connection* connection) {
  if (!receive_end_) receive_end_ = why;
  if (why == Errc::kStreamReset) note(why);
  serve_read(connection);
}

void StreamState::end_sending(error_code why, quic::Connection* connection) {
  if (!send_end_) send_end_ = why;
  shutdown_due_ = false;
  serve_write(connection);
}

void StreamState::on_reset(quic::Connection* connection) { end_receiving(Errc::kStreamReset, connection); }

void StreamState::on_stopped(quic::Connection* connection) {
  note(Errc::kStreamStopped);
  if (send_end_ == make_error_code(asio::error::shut_down)) send_end_.reset();
  end_sending(Errc::kStreamStopped, connection);
}

void StreamState::on_closed(quic::Connection* connection) {
  // What has no end by now ended on the other side's word.
  if (!receive_end_) end_receiving(Errc::kStreamReset, connection);
  if (!send_end_) on_stopped(connection);
  closed_ = true;
  finish_closing();
}

void StreamState::on_end(error_code why, quic::Connection* connection) {
  if (connection && !receive_end_) {
    for (;;) {
      const std::size_t before = rest_.size();
      rest_.resize(before + kRestBlock);
      const auto got = connection->read(id_, MutableByteView(rest_).subspan(before));
      rest_.resize(before + (got ? got->size : 0));
      if (got && got->fin) receive_end_ = asio::error::eof;
      if (!got || got->fin || got->size == 0) break;
    }
  }
  if (!closed_) note(why);
  closed_ = true;
  end_receiving(why, nullptr);
  end_sending(why, nullptr);
  finish_closing();
}

void StreamState::abandon(quic::Connection* connection) {
  const error_code aborted = asio::error::operation_aborted;
  const bool unsent = !send_end_, unread = !receive_end_;
  shutdown_due_ = false;
  if (writing_) finish_write(aborted, 0, nullptr);
  if (reading_) finish_read(aborted, 0);
  for (auto& closing : std::exchange(closing_, {})) closing.pending.complete(aborted);
  if (!connection) return;
  if (unsent) connection->reset(id_, 0);
  if (unread) connection->stop_sending(id_, 0);
}

void StreamState::cancel(OperationId operation, quic::Connection* connection) {
  const error_code aborted = asio::error::operation_aborted;
  if (reading_ && reading_->id == operation) return finish_read(aborted, 0);
  if (writing_ && writing_->id == operation) return finish_write(aborted, 0, connection);
  const auto found = std::ranges::find(closing_, operation, &Closing::id);
  if (found == closing_.end()) return;
  auto cancelled = std::move(*found);
  closing_.erase(found);
  cancelled.pending.complete(aborted);
}

void StreamState::note(error_code failure) {
  if (!failure_) failure_ = failure;
}

void StreamState::finish_closing() {
  if (!closed_) return;
  for (auto& closing : std::exchange(closing_, {})) closing.pending.complete(failure_.value_or(error_code()));
}

}  // namespace quicket::detail
