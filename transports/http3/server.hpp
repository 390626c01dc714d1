#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/base/token_bucket.hpp"
#include "core/cid/connection_id.hpp"
#include "core/cid/header.hpp"
#include "core/quic/connection.hpp"
#include "core/quic/stateless.hpp"
#include "core/transport/sink.hpp"
#include "transports/http3/message.hpp"
#include "transports/http3/request_id.hpp"
#include "transports/http3/session.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace quicket::transports {

struct Http3ServerConfig {
  std::shared_ptr<const quic::Credentials> credentials;
  HttpLimits limits;
  Bytes reset_secret;  // 32 bytes that survive restarts: clients of the time before learn from a reset that they must
                       // come again

  std::size_t max_connections = 10'000;          // above: refused
  std::size_t max_connections_per_client = 256;  // of one quota_address(), once validated; above, and above its
                                                 // fair_share() of all: refused
  std::size_t max_half_open = 1'000;  // handshakes in progress; above: clients must prove their address first (Retry)
  Duration idle_timeout = std::chrono::seconds(30);
  Duration handshake_timeout = std::chrono::seconds(10);
  double resets_per_second = 1'000;    // stateless resets
  double refusals_per_second = 1'000;  // refusals and version negotiations, each
};

// Http3Server is many HTTP/3 connections on one UDP port, told apart by connection ID. It does no I/O: datagrams and
// time come in as arguments; the caller has filtered out what belongs to peers.
//
//   for each datagram:  receive(received, now)
//   at deadline():      on_deadline(now)
//   after any call:     poll() until empty, then transmit()
//
// An idle connection costs nothing but memory. Thread safety: none; one thread at a time.
class Http3Server {
 public:
  // ConnectionOpened: the handshake is completed.
  struct ConnectionOpened {
    ConnectionHandle connection;
    AddressPair path;
  };
  struct RequestArrived {
    RequestId id;
    ConnectionHandle connection;
    HttpRequest request;
  };
  // RequestCancelled, by the client or with its connection: no answer is wanted any more.
  struct RequestCancelled {
    RequestId id;
  };
  // PathChanged: the client moved, and the new path is validated.
  struct PathChanged {
    ConnectionHandle connection;
    AddressPair path;
  };
  // ConnectionClosed follows every ConnectionOpened.
  struct ConnectionClosed {
    ConnectionHandle connection;
  };
  using Event = std::variant<ConnectionOpened, RequestArrived, RequestCancelled, PathChanged, ConnectionClosed>;

  struct Counters {
    std::uint64_t accepted = 0;  // connections begun
    std::uint64_t opened = 0;    // handshakes completed
    std::uint64_t refused = 0;   // with CONNECTION_REFUSED or INVALID_TOKEN, or silently over the rate
    std::uint64_t retries = 0, resets = 0, version_negotiations = 0;  // sent
    std::uint64_t resets_withheld = 0;                                // over the rate
    std::uint64_t dropped = 0;                                        // datagrams that meant nothing here
    std::uint64_t requests = 0, responses = 0;
    std::uint64_t refused_requests = 0;  // answered with 408, 413 or 431
  };

  // create checks the configuration. Errors: errc::invalid_argument.
  static Result<std::unique_ptr<Http3Server>> create(Http3ServerConfig config);

  void receive(const Received& received, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  std::optional<Event> poll();

  // respond answers a request, once. Errors: kHttpMalformed, kStreamUnknown (answered, or cancelled by the client).
  Result<void> respond(RequestId id, HttpResponse response, TimePoint now);

  // path is the connection's validated path; nullopt when it is not open.
  std::optional<AddressPair> path(ConnectionHandle connection) const;
  // exporter is quic::Connection::exporter. Errors: kConnectionClosed.
  Result<Bytes> exporter(ConnectionHandle connection, std::string_view label, std::size_t size) const;

  // close ends one connection. Unknown ones: no effect.
  void close(ConnectionHandle connection, TimePoint now);

  // set_credentials holds for connections that begin from now on; set_max_connections too: none is closed.
  void set_credentials(std::shared_ptr<const quic::Credentials> credentials) {
    config_.credentials = std::move(credentials);
  }
  void set_max_connections(std::size_t most, std::size_t most_per_client) noexcept {
    config_.max_connections = most;
    config_.max_connections_per_client = most_per_client;
  }

  // drain takes no new connections, tells all clients by GOAWAY, and closes each connection after its last answer.
  void drain(TimePoint now);
  // is_drained: drain() was called, no connection is open any more, and all is sent.
  bool is_drained() const noexcept;

  std::size_t connections() const noexcept { return open_ + half_open_; }
  std::size_t half_open() const noexcept { return half_open_; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  // Entry is one connection.
  struct Entry {
    enum class Stage { kHalfOpen, kOpen, kClosed };

    ConnectionHandle handle{};
    std::unique_ptr<Http3Session> session;
    Stage stage = Stage::kHalfOpen;
    AddressPair path;               // validated, once open
    std::optional<Address> client;  // that it counts for; set when its address was validated
    bool is_surplus = false;        // one more than its client may have: about to be closed
    std::set<ConnectionId> ids;     // that lead here
    std::map<quic::StreamId, RequestId> requests;
    std::optional<TimePoint> deadline;  // as it stands in deadlines_
    bool is_ready = false;              // stands in ready_
  };
  struct RequestPlace {
    Entry* entry;
    quic::StreamId stream;
  };

  explicit Http3Server(Http3ServerConfig config);

  void receive_unknown(const Received& received, const PacketHeader& header, TimePoint now);
  void receive_first(const Received& received, TimePoint now);
  void accept(const Received& received, const quic::FirstPacket& packet, std::optional<ConnectionId> before_retry,
              TimePoint now);
  void send_retry(const Received& received, const quic::FirstPacket& packet, TimePoint now);
  void send_refusal(const Received& received, const quic::FirstPacket& packet, std::uint64_t code, TimePoint now);
  void send_reset(const Received& received, const ConnectionId& destination, TimePoint now);
  void send_version_negotiation(const Received& received, TimePoint now);
  void answer(const Received& received, Bytes datagram);

  Result<quic::Policy> new_policy() const;
  bool is_at_limit(const Address& client, std::size_t others) const;
  void count(Entry& entry, const Address& remote);
  void route(Entry& entry, const ConnectionId& id);
  void take_events(Entry& entry);
  void settle(Entry& entry, TimePoint now);
  void schedule(Entry& entry);
  void make_ready(Entry& entry);
  void erase(Entry& entry);

  void on(Entry& entry, const SessionReady& event);
  void on(Entry& entry, RequestReceived& event);
  void on(Entry& entry, const ExchangeFailed& event);
  void on(Entry& entry, const quic::PathValidated& event);
  void on(Entry& entry, const quic::Closed& event);
  void on(Entry& entry, const quic::ConnectionIdRetired& event);
  void on(Entry& entry, const quic::ConnectionIdIssued& event) { route(entry, event.id); }
  void on(Entry&, const RequestRefused&) { ++counters_.refused_requests; }
  void on(Entry&, const ResponseReceived&) {}  // clients only
  void on(Entry&, const SessionGoingAway&) {}

  Http3ServerConfig config_;
  Counters counters_;
  TokenBucket reset_bucket_, refusal_bucket_, version_bucket_;
  bool draining_ = false;
  std::uint64_t last_handle_ = 0, last_request_ = 0;
  std::size_t open_ = 0, half_open_ = 0;

  std::unordered_map<ConnectionHandle, std::unique_ptr<Entry>> entries_;
  std::unordered_map<ConnectionId, Entry*, ConnectionIdHash> routes_;
  std::unordered_map<RequestId, RequestPlace> requests_;
  std::map<Address, std::size_t> clients_;  // how many connections each has
  std::set<std::pair<TimePoint, ConnectionHandle>> deadlines_;
  std::deque<ConnectionHandle> ready_;  // may have something to send; served in turn
  std::deque<Event> events_;
  std::vector<std::pair<AddressPair, Bytes>> answers_;  // without a connection, for the next transmit()
  Bytes buffer_;                                        // for transmit()
};

}  // namespace quicket::transports
