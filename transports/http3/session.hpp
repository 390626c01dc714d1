#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "core/base/token_bucket.hpp"
#include "core/quic/connection.hpp"
#include "core/transport/sink.hpp"
#include "transports/http3/codec.hpp"
#include "transports/http3/error_code.hpp"
#include "transports/http3/message.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace quicket::transports {

// What a session reports, in order, through Http3Session::poll(). An exchange is one request and its response on one
// stream.

// SessionReady: the handshake is completed, the control streams are open.
struct SessionReady {};
// RequestReceived (server): whole and within the limits.
struct RequestReceived {
  quic::StreamId stream;
  HttpRequest request;
};
// RequestRefused (server): answered with 408, 413 or 431 here.
struct RequestRefused {
  int status;
};
// ResponseReceived (client): whole and within the limits.
struct ResponseReceived {
  quic::StreamId stream;
  HttpResponse response;
};
// ExchangeFailed: no response will come (client), or none is wanted any more (server).
struct ExchangeFailed {
  quic::StreamId stream;
  error_code error;
};
// SessionGoingAway: the other side takes no new requests.
struct SessionGoingAway {};

using SessionEvent =
    std::variant<SessionReady, RequestReceived, RequestRefused, ResponseReceived, ExchangeFailed, SessionGoingAway,
                 quic::ConnectionIdIssued, quic::ConnectionIdRetired, quic::PathValidated, quic::Closed>;

// Http3Session is HTTP/3 (RFC 9114) over one QUIC connection, either role. It adds no I/O to the connection's: see
// there for how to drive it. A server answers 431, 413 and 408 itself when a request breaks `limits`; server push is
// refused. Thread safety: none; one thread at a time.
class Http3Session {
 public:
  // create takes a connection that negotiates "h3". Errors: kOutOfResources.
  static Result<std::unique_ptr<Http3Session>> create(std::unique_ptr<quic::Connection> connection,
                                                      const HttpLimits& limits);

  quic::Arrival receive(const quic::Path& path, const Received& received, TimePoint now);
  std::optional<quic::Transmit> transmit(MutableByteView buffer, std::size_t max_segments, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  std::optional<SessionEvent> poll();

  // send_request begins an exchange (client). It fails by itself when it is not over at `deadline`. With kWouldBlock
  // the request stays whole. Errors: kWouldBlock (not ready, or as many at once as the server allows), kHttpMalformed,
  // kHttpGoingAway, kConnectionClosed.
  Result<quic::StreamId> send_request(HttpRequest&& request, TimePoint deadline, TimePoint now);

  // send_response answers a received request (server), once. The client has HttpLimits::request_deadline to take it.
  // Errors: kHttpMalformed, kStreamUnknown (answered, cancelled or never received), kConnectionClosed.
  Result<void> send_response(quic::StreamId stream, HttpResponse response, TimePoint now);

  // cancel gives an exchange up without an event. Unknown streams: no effect.
  void cancel(quic::StreamId stream, TimePoint now);

  // shut_down takes no further requests (server): GOAWAY now and once more when requests on their way have arrived; the
  // connection closes after the last answer.
  void shut_down(TimePoint now);
  void close(Http3Code code, std::string_view text, TimePoint now);

  // exchanges_in_progress counts those without a whole answer (client), or not yet taken by the client (server).
  std::size_t exchanges_in_progress() const noexcept;

  const quic::Connection& connection() const noexcept { return *connection_; }

 private:
  enum class Stage {
    kRequest,   // its message is on the way to us: request (server) or response (client)
    kAnswer,    // server: delivered, the application's turn
    kResponse,  // server: the response is on its way out
    kOver,      // nothing more is reported; the stream is yet to close
  };
  struct Exchange {
    Stage stage = Stage::kRequest;
    std::optional<TimePoint> deadline;
  };

  Http3Session(std::unique_ptr<quic::Connection> connection, std::unique_ptr<Http3Codec> codec,
               const HttpLimits& limits);

  bool is_server() const noexcept { return connection_->role() == quic::Role::kServer; }
  void settle(TimePoint now);
  void take_quic_events(TimePoint now);
  void take_codec_events(TimePoint now);
  void write(TimePoint now);
  void check_deadlines(TimePoint now);
  void finish_shut_down(TimePoint now);
  std::optional<TimePoint> exchange_deadline() const;

  void open_control_streams(TimePoint now);
  void read(quic::StreamId stream, TimePoint now);
  void refuse(quic::StreamId stream, int status, TimePoint now);
  void abort(quic::StreamId stream, Http3Code code, TimePoint now);
  void fail(quic::StreamId stream, error_code error);
  bool is_broken(Http3Codec::Outcome outcome, TimePoint now);

  void on(const quic::HandshakeCompleted& event, TimePoint now);
  void on(const quic::StreamOpened& event, TimePoint now);
  void on(const quic::StreamReadable& event, TimePoint now) { read(event.id, now); }
  void on(const quic::StreamWritable& event, TimePoint now);
  void on(const quic::StreamReset& event, TimePoint now);
  void on(const quic::StreamStopped& event, TimePoint now);
  void on(const quic::StreamClosed& event, TimePoint now);
  void on(const quic::Closed& event, TimePoint now);
  void on(const quic::HandshakeConfirmed&, TimePoint) {}
  void on(const quic::StreamsAvailable&, TimePoint) {}
  void on(const quic::DatagramReceived&, TimePoint) {}
  void on(const quic::ConnectionIdIssued& event, TimePoint) { events_.push_back(event); }
  void on(const quic::ConnectionIdRetired& event, TimePoint) { events_.push_back(event); }
  void on(const quic::PathValidated& event, TimePoint) { events_.push_back(event); }

  void on(RequestDecoded& event, TimePoint now);
  void on(ResponseDecoded& event, TimePoint now);
  void on(const MessageTooLarge& event, TimePoint now);
  void on(const StopWanted& event, TimePoint now);
  void on(const ResetWanted& event, TimePoint now);
  void on(const GoAwayDecoded& event, TimePoint now);

  std::unique_ptr<quic::Connection> connection_;
  std::unique_ptr<Http3Codec> codec_;
  HttpLimits limits_;
  std::map<quic::StreamId, Exchange> exchanges_;
  Fifo<SessionEvent> events_;
  std::uint64_t closed_requests_ = 0;  // streams
  TokenBucket resets_;                 // of requests by a client: more are an attack
  bool broken_ = false;                // the codec met a Trouble
  bool going_away_ = false;            // the other side said so
  bool shutting_down_ = false;
  std::optional<TimePoint> goaway_at_;  // the second GOAWAY
};

}  // namespace quicket::transports
