#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/cid/header.hpp"
#include "core/cid/schedule.hpp"
#include "core/quic/tls.hpp"
#include "core/quic/types.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

struct ngtcp2_conn;
struct ngtcp2_path;

namespace quicket::quic {

// Policy is all in which one use of a connection differs from another; the roles share every line of code else.
struct Policy {
  Role role = Role::kClient;
  Schedule cids;  // own connection IDs
  TlsSettings tls;
  Bytes reset_secret;  // 32 bytes, from which stateless reset tokens derive; never the schedule's key

  Duration initial_rtt = std::chrono::milliseconds(100);
  Duration idle_timeout = std::chrono::seconds(30);       // 0: none
  Duration handshake_timeout = std::chrono::seconds(10);  // 0: none
  Duration keep_alive = Duration::zero();                 // 0: no PING of our own
  std::uint64_t max_streams_bidi = 100;                   // that the other side may have open
  std::uint64_t max_streams_uni = 100;
  std::uint64_t stream_window = 6 << 20;  // bytes, flow control
  std::uint64_t connection_window = 15 << 20;
  std::size_t send_buffer = 2 << 20;       // bytes per stream taken but not acknowledged
  std::size_t send_buffers = 8 << 20;      // the same, of all streams, each of which may have 64 KiB though
  std::size_t datagram_queue = 128;        // DATAGRAM frames held each way; the oldest received go first
  std::size_t max_datagram_frame = 65535;  // 0: datagrams off
  std::size_t max_udp_payload = 1200;      // largest datagram sent; above 1200 path MTU is probed for
  // A server: an address gets no more bytes than came from there until it is validated. Costs a round trip where the
  // certificates do not fit into the first answer. (RFC 9000 section 8 allows three times as many.)
  bool answers_in_kind = false;
  bool bbr = false;                               // congestion control for lossy links, else CUBIC
  std::function<void(ByteView)> qlog;             // takes JSON-SEQ text (qlog 0.3); empty: off
  std::function<void(std::string_view)> key_log;  // takes lines of the SSLKEYLOGFILE format; empty: off
};

struct ConnectionState;

// Connection is one QUIC version 1 connection (RFC 9000), either role, for peers and for HTTP/3 alike.
// It does no I/O: datagrams and time come in as arguments, datagrams and deadlines go out.
//
//   for each datagram:  receive(path, ecn, datagram, now)
//   at deadline():      on_deadline(now)
//   after either:       poll() until empty, then transmit() until nothing is written
//
// Time never goes back. Thread safety: none; one thread at a time.
class Connection {
 public:
  // connect starts a client. `remote_id` is the original destination ID (8..20 bytes; random when nullopt, with its top
  // bit clear).
  static Result<std::unique_ptr<Connection>> connect(Policy policy, const Path& path, TimePoint now,
                                                     std::optional<ConnectionId> remote_id = std::nullopt);

  // accept starts a server for a client's first Initial datagram, which is to be fed by receive() afterwards.
  // `before_retry` is the original destination ID out of a valid Retry token (RFC 9000 section 8.1.2); it validates the
  // path. Errors: kProtocolViolation when this datagram starts no connection (RFC 9000 section 17.2.2).
  static Result<std::unique_ptr<Connection>> accept(Policy policy, const Path& path, ByteView first_datagram,
                                                    TimePoint now,
                                                    std::optional<ConnectionId> before_retry = std::nullopt);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // receive feeds one datagram (borrowed for the call) and says what it was worth.
  // Whatever it holds, nothing throws: bad packets are dropped, violations end in Closed.
  Arrival receive(const Path& path, Ecn ecn, ByteView datagram, TimePoint now);

  // transmit writes what may be sent now: up to `max_segments` datagrams of one size for one path, back to back, into
  // `buffer` (at least max_udp_payload bytes per segment). nullopt: nothing to send now.
  std::optional<Transmit> transmit(MutableByteView buffer, std::size_t max_segments, TimePoint now);

  // deadline is when on_deadline() has to be called; nullopt: never.
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // poll takes the next event.
  std::optional<Event> poll();

  // open_stream gives the id of a new stream. Errors: kWouldBlock (the other side's limit), kConnectionClosed.
  Result<StreamId> open_stream(Direction direction);

  // write takes as much of `data` as the send buffer has room for and says how much; `fin` ends the stream and counts
  // only when all was taken. Errors: kStreamUnknown, kStreamStopped, kConnectionClosed.
  Result<std::size_t> write(StreamId id, ByteView data, bool fin = false);

  // read moves received bytes into `buffer`. size 0 with fin false: nothing there now.
  // Errors: kStreamReset, kStreamUnknown.
  struct ReadResult {
    std::size_t size = 0;
    bool fin = false;  // no more will come
  };
  Result<ReadResult> read(StreamId id, MutableByteView buffer);

  // readable counts the bytes that read() would give.
  std::size_t readable(StreamId id) const;
  // writable counts the bytes that write() would take.
  std::size_t writable(StreamId id) const;

  // reset gives up sending on a stream, stop_sending asks the other side to (application error codes). Unknown ids: no
  // effect.
  void reset(StreamId id, std::uint64_t code);
  void stop_sending(StreamId id, std::uint64_t code);

  // send_datagram queues one unreliable datagram (RFC 9221).
  // Errors: kTooLarge (max_datagram()), kUnsupported (the other side takes none), kWouldBlock (queue full).
  Result<void> send_datagram(ByteView payload);
  std::optional<Bytes> receive_datagram();
  // max_datagram is the largest payload that fits now; 0 when the other side takes none.
  std::size_t max_datagram() const;

  // close starts an orderly end: CONNECTION_CLOSE goes out with the next transmit() and answers later packets for 3
  // PTO. `application` picks frame type 0x1d. Further calls have no effect.
  void close(std::uint64_t code, std::string_view text, bool application, TimePoint now);
  // fail closes with `error` as the reason that Closed reports here.
  void fail(std::uint64_t code, const Failure& why, TimePoint now);

  // is_closed: Closed has happened. is_finished: the closing period is over too, and the object can go.
  bool is_closed() const noexcept;
  bool is_finished(TimePoint now) const noexcept;
  const std::optional<CloseReason>& close_reason() const noexcept;

  // migrate_now moves a client to `path` at once, and validates it then (RFC 9000 section 9).
  // Errors: kUnsupported (not confirmed, or a server), kWouldBlock (no connection ID left).
  Result<void> migrate_now(const Path& path, TimePoint now);
  Path path() const;

  // initiate_key_update changes the packet keys (RFC 9001 section 6). Errors: kWouldBlock (too early).
  Result<void> initiate_key_update(TimePoint now);

  // exporter derives `size` bytes from the TLS session (RFC 8446 section 7.5, empty context). Errors: kUnsupported
  // before completion.
  Result<Bytes> exporter(std::string_view label, std::size_t size) const;

  Role role() const noexcept;
  bool is_handshake_completed() const noexcept;
  bool is_handshake_confirmed() const noexcept;
  // has_received_crypto: TLS took handshake bytes from the other side. A frozen dialer's clock resumes at this.
  bool has_received_crypto() const noexcept;
  // has_peer_parameters: TLS has read the other side's first message whole, and so its transport parameters, which
  // nothing vouches for before the handshake is complete.
  bool has_peer_parameters() const noexcept;
  std::string alpn() const;
  std::optional<Ed25519PublicKey> peer_key() const;  // of the certificate that verify accepted

  // original_destination_id is the ID of the client's first Initial.
  ConnectionId original_destination_id() const;
  const Schedule& schedule() const noexcept;
  // issued_ids are the own IDs that datagrams may carry now.
  std::vector<ConnectionId> issued_ids() const;
  // counter_of gives an own ID's counter in the schedule; nullopt when it is not in use.
  std::optional<std::uint32_t> counter_of(const ConnectionId& id) const;
  // oldest_counter is the smallest counter of the schedule whose ID the other side has not retired.
  std::uint32_t oldest_counter() const noexcept;

  struct Statistics {
    Duration smoothed_rtt{}, min_rtt{}, pto{};
    std::uint64_t congestion_window = 0, bytes_in_flight = 0;
    std::uint64_t bytes_sent = 0, bytes_received = 0, packets_sent = 0, packets_received = 0, packets_lost = 0;
    std::uint64_t datagrams_dropped = 0;  // received DATAGRAM frames that nobody took in time
  };
  Statistics statistics() const;

 private:
  explicit Connection(std::unique_ptr<ConnectionState> state);
  static Result<std::unique_ptr<Connection>> adopt(std::unique_ptr<ConnectionState> state);
  std::unique_ptr<ConnectionState> state_;
};

}  // namespace quicket::quic
