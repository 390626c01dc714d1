#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/stream.hpp>
#include <quicket/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace quicket {

namespace detail {
struct ConnectionHandle;
}

// PathInfo says over what a connection runs now.
struct PathInfo {
  enum class Kind { kRelay, kDirect };
  Kind kind = Kind::kRelay;
  Address remote;           // the relay, or the peer itself; unspecified while no relay answers
  Duration smoothed_rtt{};  // between the peers (RFC 9002 section 5.3)
  Duration min_rtt{};

  // to_string gives e.g. "relay 203.0.113.5:4433, 23 ms".
  std::string to_string() const;
};

// ConnectionStatistics count from the beginning; bytes are those of QUIC packets.
struct ConnectionStatistics {
  std::uint64_t bytes_sent = 0, bytes_received = 0;
  std::uint64_t packets_sent = 0, packets_received = 0;
  std::uint64_t congestion_window = 0, bytes_in_flight = 0;
};

// ConnectionEnd says why a connection is over.
struct ConnectionEnd {
  Failure why;  // kConnectionClosed after close() here, kClosedByPeer after close() there, else what went wrong
  bool by_us = false;
  std::uint64_t code = 0;  // the application's, after a close() on either side
  std::string text;        // the same; from the peer: for display, never to be trusted
};

// Connection is a connection with a peer that has proved who it is. A handle, cheap to copy. When the last Connection
// and Stream of it is gone, the connection is closed with code 0.
//
// The awaitables throw boost::system::system_error: why the connection ended, or asio::error::operation_aborted
// (cancelled, or the endpoint is gone). Those that are under way at once are served in turn. Thread safety: any thread,
// but path(), statistics() and exporter() are to be called where get_executor() runs: on it, or anywhere in a program
// whose one thread runs everything.
class Connection {
 public:
  using executor_type = boost::asio::any_io_executor;

  Connection(const Connection&) noexcept;
  Connection(Connection&&) noexcept;
  Connection& operator=(const Connection&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // get_executor is the endpoint's: a strand.
  executor_type get_executor() const noexcept;

  const PeerId& peer() const noexcept;
  // protocol is the application protocol that both sides have.
  const std::string& protocol() const noexcept;
  // is_dialer: this side called.
  bool is_dialer() const noexcept;

  // open_stream and open_unidirectional_stream wait while as many are open as the other side allows. A stream shows
  // there with its first byte.
  boost::asio::awaitable<Stream> open_stream() const;
  boost::asio::awaitable<Stream> open_unidirectional_stream() const;
  // accept_stream and accept_unidirectional_stream wait for one that the other side opened.
  boost::asio::awaitable<Stream> accept_stream() const;
  boost::asio::awaitable<Stream> accept_unidirectional_stream() const;

  // send_datagram sends one unreliable datagram (RFC 9221); it waits while the queue is full. The bytes are borrowed
  // until then. Errors: kTooLarge (max_datagram()), kUnsupported (the other side takes none).
  boost::asio::awaitable<void> send_datagram(ByteView datagram) const;
  // receive_datagram waits for one; when nobody does, the oldest of 128 goes first.
  boost::asio::awaitable<Bytes> receive_datagram() const;
  // max_datagram is the largest payload that fits now; 0 when the other side takes none. On get_executor(), as
  // statistics().
  std::size_t max_datagram() const;

  // close ends the connection at once: what the peer has not acknowledged is lost (see Stream::async_wait_closed).
  // `code` is the application's, below 0x51550000; `text` is for the peer's eyes.
  void close(std::uint64_t code = 0, std::string_view text = {}) const;
  // wait_closed waits for the end, whoever brought it, and says why.
  boost::asio::awaitable<ConnectionEnd> wait_closed() const;

  // After the end path() and statistics() stay as they were last.
  PathInfo path() const;
  ConnectionStatistics statistics() const;
  // exporter derives `size` bytes that only the two peers know (RFC 8446 section 7.5, empty context). Errors:
  // kConnectionClosed.
  Result<Bytes> exporter(std::string_view label, std::size_t size) const;

 private:
  friend struct detail::ConnectionHandle;
  explicit Connection(std::shared_ptr<detail::ConnectionHandle> handle) noexcept;

  std::shared_ptr<detail::ConnectionHandle> handle_;
};

}  // namespace quicket
