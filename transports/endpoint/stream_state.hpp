#pragma once

#include <quicket/stream.hpp>

#include "core/quic/connection.hpp"
#include "transports/endpoint/pending.hpp"

#include <list>
#include <optional>

namespace quicket::detail {

// StreamState is a stream as the application has it: what waits for it, and how its directions ended.
// `connection` is the one that the stream is of; nullptr after its end. Thread safety: none.
class StreamState {
 public:
  using Transfer = Pending<error_code, std::size_t>;
  using Wait = Pending<error_code>;

  StreamState(quic::StreamId id, bool can_read, bool can_write);

  void read(OperationId operation, const ReadBuffers& buffers, Transfer pending, quic::Connection* connection);
  void write(OperationId operation, const WriteBuffers& buffers, Transfer pending, quic::Connection* connection);
  void wait_closed(OperationId operation, Wait pending);
  void shutdown_send(quic::Connection* connection);
  void reset(std::uint64_t code, quic::Connection* connection);
  void stop_sending(std::uint64_t code, quic::Connection* connection);
  void cancel(OperationId operation, quic::Connection* connection);

  // What the engine tells.
  void on_readable(quic::Connection* connection) { serve_read(connection); }
  void on_writable(quic::Connection* connection) { serve_write(connection); }
  void on_reset(quic::Connection* connection);
  void on_stopped(quic::Connection* connection);
  void on_closed(quic::Connection* connection);
  // on_end: the connection is over. What has come in can still be read.
  void on_end(error_code why, quic::Connection* connection);

  // abandon gives up what is not finished and aborts what waits: nobody wants the stream any more.
  void abandon(quic::Connection* connection);

 private:
  template <class Buffers>
  struct Operation {
    OperationId id;
    Buffers buffers;
    Transfer pending;
  };
  struct Closing {
    OperationId id;
    Wait pending;
  };

  void serve_read(quic::Connection* connection);
  void serve_write(quic::Connection* connection);
  void finish_read(error_code error, std::size_t size);
  void finish_write(error_code error, std::size_t size, quic::Connection* connection);
  void end_receiving(error_code why, quic::Connection* connection);
  void end_sending(error_code why, quic::Connection* connection);
  void note(error_code failure);
  void finish_closing();

  const quic::StreamId id_;
  std::optional<Operation<ReadBuffers>> reading_;
  std::optional<Operation<WriteBuffers>> writing_;
  std::list<Closing> closing_;

  std::optional<error_code> receive_end_;  // what reads give when `rest_` is empty
  std::optional<error_code> send_end_;     // what writes give
  Bytes rest_;                             // came in before the connection's end
  std::size_t rest_read_ = 0;
  bool shutdown_due_ = false;  // behind the write that is under way
  bool closed_ = false;
  std::optional<error_code> failure_;  // the first thing that was not a clean end
};

}  // namespace quicket::detail
