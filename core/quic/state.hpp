#pragma once

#include "core/base/fifo.hpp"
#include "core/quic/answer_budget.hpp"
#include "core/quic/connection.hpp"
#include "core/quic/stream.hpp"
#include "core/quic/tls_session.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

namespace quicket::quic {

constexpr std::uint64_t kActiveConnectionIds = 8;
constexpr std::size_t kSmallestPayload = 1200;  // RFC 9000 section 14
constexpr Duration kRetirementPeriod = std::chrono::minutes(1);
constexpr std::uint32_t kMaxRetirements = 64;  // of our connection IDs, by the other side, per period
constexpr std::size_t kLeastSendShare = 64 * 1024;
constexpr Duration kMaxClosingPeriod = std::chrono::seconds(1);

inline ngtcp2_tstamp to_native(TimePoint time) { return static_cast<ngtcp2_tstamp>(time.time_since_epoch().count()); }
inline ngtcp2_duration to_native(Duration duration) { return static_cast<ngtcp2_duration>(duration.count()); }
inline TimePoint from_native(ngtcp2_tstamp time) { return TimePoint(Duration(static_cast<Duration::rep>(time))); }

inline ngtcp2_cid to_native(const ConnectionId& id) {
  ngtcp2_cid native;
  ngtcp2_cid_init(&native, octets(id.bytes()), id.length());
  return native;
}
inline ConnectionId from_native(const ngtcp2_cid& id) { return *ConnectionId::from(byte_view(id.data, id.datalen)); }

// NativePath holds a path as ngtcp2 takes it.
class NativePath {
 public:
  explicit NativePath(const Path& path);
  const ngtcp2_path* get() const noexcept { return &path_; }

 private:
  ngtcp2_sockaddr_union local_, remote_;
  ngtcp2_path path_{};
};
Path from_native(const ngtcp2_path& path);

struct NativeDelete {
  void operator()(ngtcp2_conn* connection) const noexcept { ngtcp2_conn_del(connection); }
};

// IssuedId is an own connection ID that the other side may use.
struct IssuedId {
  ConnectionId id;
  std::uint32_t counter;
};

// ConnectionState is what a Connection holds; connection.cpp, callbacks.cpp and transmit.cpp work on it. Internal to
// core/quic.
struct ConnectionState {
  explicit ConnectionState(Policy chosen) : policy(std::move(chosen)) {}

  Policy policy;
  ngtcp2_crypto_conn_ref reference{};
  std::unique_ptr<TlsSession> tls;  // outlives `native`
  std::unique_ptr<ngtcp2_conn, NativeDelete> native;
  Fifo<Event> events;

  std::map<StreamId, Stream> streams;
  Fifo<StreamId> to_send;   // streams with `queued`, served in turn
  std::size_t holding = 0;  // streams with bytes that are not acknowledged
  Fifo<Bytes> datagrams_out, datagrams_in;
  bool wants_bidi = false, wants_uni = false;           // open_stream() was refused: StreamsAvailable is due
  std::optional<std::pair<Transmit, Bytes>> held_back;  // written, but did not fit the last Transmit

  std::optional<AnswerBudget> budget;  // with Policy::answers_in_kind

  std::vector<IssuedId> issued;
  TimePoint now{};  // of the call that runs
  TimePoint retirement_period_start{};
  std::uint32_t retirements = 0;

  bool handshake_completed = false, handshake_confirmed = false;
  bool received_crypto = false;
  bool stateless_reset = false;

  std::optional<CloseReason> closed;
  TimePoint closing_until{};
  bool closing_over = false;  // on_deadline() came after that
  Bytes close_packet;         // answers what still comes, while closing
  Path close_path;
  std::uint64_t packets_while_closing = 0, next_close_answer = 1;
  bool close_due = false;

  std::uint64_t bytes_sent = 0, bytes_received = 0, packets_sent = 0, packets_received = 0;
  std::uint64_t datagrams_dropped = 0;  // DATAGRAM frames

  // receiving is whose receive() runs on this thread, if any does: ngtcp2's decrypt callback has no user data.
  static thread_local ConnectionState* receiving;
  Arrival arrival = Arrival::kNothing;          // of the datagram that is being received
  std::array<std::uint64_t, 3> next_numbers{};  // one above the largest packet number that came in each space

  // callbacks.cpp
  // note_packet judges a packet that was decrypted by its header (RFC 9000 section 17), whose protection is removed.
  void note_packet(ByteView header);
  // note_received credits the budget with a datagram (connection.cpp).
  void note_received(const Path& path, std::size_t bytes);
  static ngtcp2_callbacks callbacks(Role role);
  ConnectionId issue_id();
  // let_tls_go gives TLS's memory back once nothing more is wanted of it (connection.cpp).
  void let_tls_go();
  // queue_stream puts a stream in line for sending.
  void queue_stream(StreamId id, Stream& stream);
  // send_room counts the bytes that a stream may take now: its share of the send buffers, less what it holds.
  std::size_t send_room(const Stream& stream) const;
  // forget_if_done erases a closed stream whose bytes were all read.
  void forget_if_done(StreamId id);
  // discard_received drops unread bytes and gives their flow control credit back.
  void discard_received(Stream& stream);

  // may_send asks the budget for a datagram that was written (transmit.cpp).
  bool may_send(const Path& path, std::size_t bytes);

  // connection.cpp
  void finish(CloseReason reason);
  void close_with(const ngtcp2_ccerr& error, CloseReason reason);
  void on_native_error(int code);
};

}  // namespace quicket::quic
