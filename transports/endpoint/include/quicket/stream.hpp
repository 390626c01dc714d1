#pragma once

#include <quicket/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace quicket {

namespace detail {

struct StreamHandle;
using TransferHandler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;
using WaitHandler = boost::asio::any_completion_handler<void(error_code)>;

// BufferList is the beginning of a buffer sequence: what one transfer works on. The bytes are borrowed.
template <class Buffer>
struct BufferList {
  std::array<Buffer, 16> buffers;
  std::size_t count = 0;

  template <class Sequence>
  static BufferList of(const Sequence& sequence) {
    BufferList list;
    const auto end = boost::asio::buffer_sequence_end(sequence);
    for (auto next = boost::asio::buffer_sequence_begin(sequence); next != end && list.count < list.buffers.size();
         ++next) {
      const Buffer buffer(*next);
      if (buffer.size() > 0) list.buffers[list.count++] = buffer;
    }
    return list;
  }
};
using ReadBuffers = BufferList<boost::asio::mutable_buffer>;
using WriteBuffers = BufferList<boost::asio::const_buffer>;

}  // namespace detail

// Stream is one QUIC stream (RFC 9000 section 2): reliable, ordered bytes, in both directions or in one. It meets
// Asio's AsyncReadStream and AsyncWriteStream, so asio::async_read, Beast's HTTP and the like run over it.
//
// Operations end with asio::error::eof (the other side has sent all), kStreamReset (it gave up sending), kStreamStopped
// (it no longer reads), kUnsupported (a unidirectional stream has no such direction), asio::error::operation_aborted
// (cancelled, or the stream or its endpoint is gone), asio::error::in_progress (one of the kind is under way already),
// or with why the connection ended: kConnectionClosed, kClosedByPeer, kIdleTimeout... Handlers never run inside the
// call that starts an operation.
//
// Destroying a stream gives up what was not finished by then: a direction that was not shut down is reset, one that was
// not read to its end is stopped, both with code 0. What was shut down is still sent. The connection lives as long as
// any of its handles. Thread safety: distinct objects, any thread; one object, one thread at a time, but a read and a
// write may be under way at once.
class Stream {
 public:
  using executor_type = boost::asio::any_io_executor;

  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // get_executor is the endpoint's: a strand. Handlers without an executor of their own run there.
  executor_type get_executor() const noexcept;

  // id as in RFC 9000 section 2.1.
  std::int64_t id() const noexcept;
  bool is_unidirectional() const noexcept { return (id() & 2) != 0; }

  // async_read_some completes when at least one byte was received, or there is nothing to fill. void(error_code,
  // std::size_t).
  template <class MutableBufferSequence, class Token>
  auto async_read_some(const MutableBufferSequence& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, std::shared_ptr<detail::StreamHandle> stream, detail::ReadBuffers list) {
          start_read(std::move(stream), list, detail::TransferHandler(std::move(handler)));
        },
        token, handle_, detail::ReadBuffers::of(buffers));
  }

  // async_write_some completes when at least one byte is in the send buffer, which is slower than the sender only if
  // the network and the reader are: that is the back-pressure. void(error_code, std::size_t).
  template <class ConstBufferSequence, class Token>
  auto async_write_some(const ConstBufferSequence& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, std::shared_ptr<detail::StreamHandle> stream, detail::WriteBuffers list) {
          start_write(std::move(stream), list, detail::TransferHandler(std::move(handler)));
        },
        token, handle_, detail::WriteBuffers::of(buffers));
  }

  // async_wait_closed completes when both directions are over: what was sent is acknowledged, or given up, and what was
  // received has been read, or given up. void(error_code): success after shut down and read to the end; kStreamReset,
  // kStreamStopped or the connection's end otherwise.
  template <class Token>
  auto async_wait_closed(Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code)>(
        [](auto handler, std::shared_ptr<detail::StreamHandle> stream) {
          start_wait_closed(std::move(stream), detail::WaitHandler(std::move(handler)));
        },
        token, handle_);
  }

  // shutdown_send says that no more will be written: the other side reads the end behind what was.
  void shutdown_send();
  // reset gives up sending, stop_sending asks the other side to: application error codes below 2^62.
  void reset(std::uint64_t code);
  void stop_sending(std::uint64_t code);

 private:
  friend struct detail::StreamHandle;
  explicit Stream(std::shared_ptr<detail::StreamHandle> handle);
  static void start_read(std::shared_ptr<detail::StreamHandle> stream, const detail::ReadBuffers& buffers,
                         detail::TransferHandler handler);
  static void start_write(std::shared_ptr<detail::StreamHandle> stream, const detail::WriteBuffers& buffers,
                          detail::TransferHandler handler);
  static void start_wait_closed(std::shared_ptr<detail::StreamHandle> stream, detail::WaitHandler handler);

  std::shared_ptr<detail::StreamHandle> handle_;
};

}  // namespace quicket
