#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "core/quic/connection.hpp"
#include "core/transport/sink.hpp"
#include "transports/http3/message.hpp"
#include "transports/http3/request_id.hpp"
#include "transports/http3/session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace quicket::transports {

struct Http3ClientConfig {
  quic::Verify verify;      // decides about the server's certificate; must not be empty
  std::string server_name;  // SNI; empty: none, as for IP addresses
  HttpLimits limits;        // request_deadline: of requests that state none
  std::size_t queue = 64;   // requests that wait: for the handshake, or for others to end

  Duration idle_timeout = std::chrono::seconds(30);       // 0: none
  Duration handshake_timeout = std::chrono::seconds(10);  // 0: none
  Duration keep_alive = Duration::zero();                 // 0: no PING of our own
  Bytes schedule_key;  // of the own connection IDs, 16..64 bytes; empty: drawn for this connection
  Bytes reset_secret;  // 32 bytes; empty: drawn for this connection

  std::function<void(ByteView)> qlog;             // as in quic::Policy
  std::function<void(std::string_view)> key_log;  // as in quic::Policy
};

// Http3Client is one HTTP/3 connection to a server. It does no I/O: datagrams and time come in as arguments.
//
//   for each datagram:  receive(received, now)
//   at deadline():      on_deadline(now)
//   after any call:     poll() until empty, then transmit()
//
// The caller hands it what arrives for its connection IDs (ConnectionIdIssued, ConnectionIdRetired).
// Thread safety: none; one thread at a time.
class Http3Client {
 public:
  // Ready: the handshake is completed.
  struct Ready {};
  struct ResponseArrived {
    RequestId id;
    HttpResponse response;
  };
  // RequestFailed: kHttpDeadline; kHttpGoingAway (the server did not act on it: safe to send again elsewhere);
  // kHttpTooLarge (the response); kHttpMalformed, kStreamReset; else why the connection ended.
  struct RequestFailed {
    RequestId id;
    error_code error;
  };
  // GoingAway: the server takes no new requests. It comes before the RequestFailed of those it takes no more.
  struct GoingAway {};
  struct Closed {
    quic::CloseReason reason;
  };
  using Event = std::variant<Ready, ResponseArrived, RequestFailed, GoingAway, Closed, quic::ConnectionIdIssued,
                             quic::ConnectionIdRetired>;

  // create starts connecting over `path`. Errors: errc::invalid_argument (configuration), kOutOfResources.
  static Result<std::unique_ptr<Http3Client>> create(Http3ClientConfig config, const AddressPair& path, TimePoint now);

  // request sends, now or when its turn comes; exactly one ResponseArrived or RequestFailed follows, unless it is
  // cancelled. `deadline` counts from now to the response's last byte. Errors: kHttpMalformed, kWouldBlock (queue
  // full), kHttpGoingAway, kConnectionClosed.
  Result<RequestId> request(HttpRequest request, TimePoint now, std::optional<Duration> deadline = std::nullopt);
  // cancel gives a request up without an event. Unknown ids: no effect.
  void cancel(RequestId id, TimePoint now);

  // receive takes one datagram and says what it was worth; those from elsewhere than the server are ignored.
  quic::Arrival receive(const Received& received, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  std::optional<Event> poll();

  // close ends the connection; transmit() once more to tell the server.
  void close(TimePoint now);
  bool is_closed() const noexcept { return session_->connection().is_closed(); }
  // is_finished: the closing period is over too, and the object can go.
  bool is_finished(TimePoint now) const noexcept { return session_->connection().is_finished(now); }
  bool is_ready() const noexcept { return ready_; }

  const AddressPair& path() const noexcept { return path_; }
  // exporter is quic::Connection::exporter. Errors: kUnsupported before Ready.
  Result<Bytes> exporter(std::string_view label, std::size_t size) const;
  quic::Connection::Statistics statistics() const { return session_->connection().statistics(); }

 private:
  struct Waiting {
    RequestId id;
    HttpRequest request;
    TimePoint deadline;
  };

  Http3Client(Http3ClientConfig config, const AddressPair& path, std::unique_ptr<Http3Session> session);

  void settle(TimePoint now);
  void launch(TimePoint now);
  void expire_waiting(TimePoint now);
  void fail_waiting(error_code error);

  void on(const SessionReady& event);
  void on(const ResponseReceived& event);
  void on(const ExchangeFailed& event);
  void on(const SessionGoingAway& event);
  void on(const quic::Closed& event);
  void on(const quic::ConnectionIdIssued& event) { events_.push_back(event); }
  void on(const quic::ConnectionIdRetired& event) { events_.push_back(event); }
  void on(const quic::PathValidated&) {}
  void on(const RequestReceived&) {}  // servers only, as is the next
  void on(const RequestRefused&) {}

  HttpLimits limits_;
  std::size_t queue_;
  AddressPair path_;
  std::unique_ptr<Http3Session> session_;
  bool ready_ = false;
  bool going_away_ = false;
  std::uint64_t last_id_ = 0;
  Fifo<Waiting> waiting_;
  std::map<quic::StreamId, RequestId> sent_;
  Fifo<Event> events_;
};

}  // namespace quicket::transports
