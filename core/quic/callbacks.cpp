#include "core/quic/packet_keys.hpp"
#include "core/quic/packet_number.hpp"
#include "core/quic/state.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

#include <gnutls/crypto.h>

namespace quicket::quic {

namespace {

constexpr std::uint8_t kAlertUnexpectedMessage = 10;  // RFC 8446 section 6

ConnectionState& state_of(void* user_data) { return *static_cast<ConnectionState*>(user_data); }

int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
            const std::uint8_t* sealed, std::size_t size, const std::uint8_t* nonce, std::size_t nonce_size,
            const std::uint8_t* aad, std::size_t aad_size) {
  const int code = packet_keys::decrypt(out, aead, context, sealed, size, nonce, nonce_size, aad, aad_size);
  if (code == 0 && ConnectionState::receiving) ConnectionState::receiving->note_packet(byte_view(aad, aad_size));
  return code;
}

int receive_crypto(ngtcp2_conn* native, ngtcp2_encryption_level level, std::uint64_t offset, const std::uint8_t* data,
                   std::size_t size, void* user_data) {
  ConnectionState& state = state_of(user_data);
  state.received_crypto = true;
  if (state.handshake_completed) {
    // Nothing that may come now is wanted: we use no tickets, and a TLS KeyUpdate would abort ngtcp2 1.11 (RFC 9001
    // section 6).
    if (state.policy.role == Role::kClient) return 0;
    ngtcp2_conn_set_tls_alert(native, kAlertUnexpectedMessage);
    return NGTCP2_ERR_CRYPTO;
  }
  return ngtcp2_crypto_recv_crypto_data_cb(native, level, offset, data, size, user_data);
}

void confirm(ConnectionState& state) {
  state.handshake_confirmed = true;
  state.events.push_back(HandshakeConfirmed{});
  if (state.policy.keep_alive == Duration::zero()) return;
  ngtcp2_conn_set_keep_alive_timeout(state.native.get(), to_native(state.policy.keep_alive));
}

int on_handshake_completed(ngtcp2_conn*, void* user_data) {
  ConnectionState& state = state_of(user_data);
  state.handshake_completed = true;
  state.events.push_back(HandshakeCompleted{});
  if (state.policy.role == Role::kServer) confirm(state);  // a server confirms by completing (RFC 9001 section 4.1.2)
  return 0;
}

int on_handshake_confirmed(ngtcp2_conn*, void* user_data) {
  confirm(state_of(user_data));
  return 0;
}

int receive_stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user_data) {
  state_of(user_data).stateless_reset = true;
  return 0;
}

int stream_open(ngtcp2_conn*, std::int64_t id, void* user_data) {
  ConnectionState& state = state_of(user_data);
  Stream& stream = state.streams[id];
  stream.send_over = is_unidirectional(id);
  state.events.push_back(StreamOpened{id});
  return 0;
}

int receive_stream_data(ngtcp2_conn* native, std::uint32_t flags, std::int64_t id, std::uint64_t,
                        const std::uint8_t* data, std::size_t size, void* user_data, void*) {
  ConnectionState& state = state_of(user_data);
  const auto found = state.streams.find(id);
  if (found == state.streams.end() || found->second.receive_over) {
    ngtcp2_conn_extend_max_offset(native, size);
    return 0;
  }
  Stream& stream = found->second;
  stream.received.append(byte_view(data, size));
  if (flags & NGTCP2_STREAM_DATA_FLAG_FIN) stream.fin_received = true;
  if (!stream.readable_signalled) {
    stream.readable_signalled = true;
    state.events.push_back(StreamReadable{id});
  }
  return 0;
}

int acknowledged(ngtcp2_conn*, std::int64_t id, std::uint64_t, std::uint64_t size, void* user_data, void*) {
  ConnectionState& state = state_of(user_data);
  const auto found = state.streams.find(id);
  if (found == state.streams.end() || found->second.send_over) return 0;
  Stream& stream = found->second;
  stream.unacknowledged.pop(size);
  if (size > 0 && stream.unacknowledged.size() == 0) --state.holding;
  if (stream.starved && state.send_room(stream) >= std::min(kLeastSendShare, state.policy.send_buffer) / 2) {
    stream.starved = false;
    state.events.push_back(StreamWritable{id});
  }
  return 0;
}

int stream_close(ngtcp2_conn*, std::uint32_t, std::int64_t id, std::uint64_t, void* user_data, void*) {
  ConnectionState& state = state_of(user_data);
  const auto found = state.streams.find(id);
  if (found == state.streams.end()) return 0;
  found->second.closed = true;
  found->second.send_over = true;
  if (found->second.unacknowledged.size() > 0) --state.holding;
  found->second.unacknowledged.clear();
  state.forget_if_done(id);
  return 0;
}

int stream_reset(ngtcp2_conn*, std::int64_t id, std::uint64_t, std::uint64_t code, void* user_data, void*) {
  ConnectionState& state = state_of(user_data);
  const auto found = state.streams.find(id);
  if (found == state.streams.end() || found->second.reset || found->second.receive_over) return 0;
  state.discard_received(found->second);
  found->second.reset = code;
  state.events.push_back(StreamReset{id, code});
  return 0;
}

// The other side may raise its limit as often as it likes: whoever was refused a stream hears of it, once.
int streams_available(ConnectionState& state, Direction direction) {
  bool& wants = direction == Direction::kBidirectional ? state.wants_bidi : state.wants_uni;
  if (std::exchange(wants, false)) state.events.push_back(StreamsAvailable{direction});
  return 0;
}

int stream_window_extended(ngtcp2_conn*, std::int64_t id, std::uint64_t, void* user_data, void*) {
  ConnectionState& state = state_of(user_data);
  if (const auto found = state.streams.find(id); found != state.streams.end()) state.queue_stream(id, found->second);
  return 0;
}

int receive_datagram(ngtcp2_conn*, std::uint32_t, const std::uint8_t* data, std::size_t size, void* user_data) {
  ConnectionState& state = state_of(user_data);
  if (state.datagrams_in.size() >= state.policy.datagram_queue) {
    state.datagrams_in.pop_front();
    ++state.datagrams_dropped;
  }
  if (state.datagrams_in.empty()) state.events.push_back(DatagramReceived{});
  state.datagrams_in.push_back(to_bytes(byte_view(data, size)));
  return 0;
}

int new_connection_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t, void* user_data) {
  ConnectionState& state = state_of(user_data);
  const ConnectionId issued = state.issue_id();
  *id = to_native(issued);
  const Bytes& secret = state.policy.reset_secret;
  const int code = ngtcp2_crypto_generate_stateless_reset_token(token, octets(ByteView(secret)), secret.size(), id);
  return code == 0 ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
}

int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* id, void* user_data) {
  ConnectionState& state = state_of(user_data);
  const ConnectionId retired = from_native(*id);
  std::erase_if(state.issued, [&](const IssuedId& issued) { return issued.id == retired; });
  state.events.push_back(ConnectionIdRetired{retired});
  if (state.now - state.retirement_period_start > kRetirementPeriod) {
    state.retirement_period_start = state.now;
    state.retirements = 0;
  }
  return ++state.retirements > kMaxRetirements ? NGTCP2_ERR_PROTO : 0;
}

int path_validation(ngtcp2_conn*, std::uint32_t, const ngtcp2_path* path, const ngtcp2_path*,
                    ngtcp2_path_validation_result result, void* user_data) {
  if (result == NGTCP2_PATH_VALIDATION_RESULT_ABORTED) return 0;
  ConnectionState& state = state_of(user_data);
  const bool ok = result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS;
  if (ok && state.budget) state.budget->validated(from_native(*path).remote);
  state.events.push_back(PathValidated{from_native(*path), ok});
  return 0;
}

void random(std::uint8_t* out, std::size_t size, const ngtcp2_rand_ctx*) {
  const int code = gnutls_rnd(GNUTLS_RND_NONCE, out, size);
  BOOST_ASSERT(code == 0);
  static_cast<void>(code);
}

}  // namespace

thread_local ConnectionState* ConnectionState::receiving = nullptr;

void ConnectionState::note_packet(ByteView header) {
  const auto first = std::to_integer<unsigned>(header.front());
  const std::size_t length = (first & 3) + 1;
  BOOST_ASSERT(header.size() > length);
  std::uint64_t number = 0;
  for (const std::byte octet : header.last(length)) number = number << 8 | std::to_integer<std::uint64_t>(octet);
  const bool is_long = (first & 0x80) != 0, is_initial = is_long && (first & 0x30) == 0;
  std::uint64_t& next = next_numbers[is_initial ? 0 : is_long ? 1 : 2];
  number = decode_packet_number(next, number, static_cast<unsigned>(8 * length));
  arrival = number >= next ? Arrival::kLatest : std::max(arrival, Arrival::kOlder);
  next = std::max(next, number + 1);
  // Its sender has got our Initial (RFC 9000 section 8.1).
  const bool is_handshake = is_long && (first & 0x30) == 0x20;
  if (budget && is_handshake) budget->validated(from_native(*ngtcp2_conn_get_path(native.get())).remote);
}

ngtcp2_callbacks ConnectionState::callbacks(Role role) {
  ngtcp2_callbacks table{};
  if (role == Role::kClient) {
    table.client_initial = ngtcp2_crypto_client_initial_cb;
    table.recv_retry = ngtcp2_crypto_recv_retry_cb;
  } else {
    table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  }
  table.recv_crypto_data = receive_crypto;
  table.handshake_completed = on_handshake_completed;
  table.handshake_confirmed = on_handshake_confirmed;
  table.encrypt = packet_keys::encrypt;
  table.decrypt = decrypt;
  table.hp_mask = packet_keys::header_mask;
  table.recv_stream_data = receive_stream_data;
  table.acked_stream_data_offset = acknowledged;
  table.stream_open = stream_open;
  table.stream_close = stream_close;
  table.stream_reset = stream_reset;
  table.recv_stateless_reset = receive_stateless_reset;
  table.extend_max_local_streams_bidi = [](ngtcp2_conn*, std::uint64_t, void* user_data) {
    return streams_available(state_of(user_data), Direction::kBidirectional);
  };
  table.extend_max_local_streams_uni = [](ngtcp2_conn*, std::uint64_t, void* user_data) {
    return streams_available(state_of(user_data), Direction::kUnidirectional);
  };
  table.extend_max_stream_data = stream_window_extended;
  table.rand = random;
  table.get_new_connection_id = new_connection_id;
  table.remove_connection_id = remove_connection_id;
  table.update_key = packet_keys::update;
  table.path_validation = path_validation;
  table.delete_crypto_aead_ctx = packet_keys::remove;
  table.delete_crypto_cipher_ctx = packet_keys::remove_header_key;
  table.recv_datagram = receive_datagram;
  table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  return table;
}

ConnectionId ConnectionState::issue_id() {
  const ConnectionId id = policy.cids.next();
  issued.push_back({id, policy.cids.issued()});
  events.push_back(ConnectionIdIssued{id});
  return id;
}

void ConnectionState::queue_stream(StreamId id, Stream& stream) {
  if (stream.queued || !stream.has_something_to_send()) return;
  stream.queued = true;
  to_send.push_back(id);
}

std::size_t ConnectionState::send_room(const Stream& stream) const {
  const std::size_t least = std::min(kLeastSendShare, policy.send_buffer);
  const std::size_t share =
      std::clamp(policy.send_buffers / std::max<std::size_t>(holding, 1), least, policy.send_buffer);
  return share - std::min(share, stream.unacknowledged.size());
}

void ConnectionState::discard_received(Stream& stream) {
  ngtcp2_conn_extend_max_offset(native.get(), stream.received.size());
  stream.received.clear();
}

void ConnectionState::forget_if_done(StreamId id) {
  const auto found = streams.find(id);
  if (found == streams.end() || !found->second.closed) return;
  const Stream& stream = found->second;
  const bool unread = !stream.receive_over && !stream.reset &&
                      (stream.received.size() > 0 || (stream.fin_received && !stream.fin_delivered));
  if (unread) return;
  streams.erase(found);
  events.push_back(StreamClosed{id});
  if (is_server_initiated(id) == (policy.role == Role::kServer)) return;  // ours: the other side counts it
  if (is_unidirectional(id)) {
    ngtcp2_conn_extend_max_streams_uni(native.get(), 1);
  } else {
    ngtcp2_conn_extend_max_streams_bidi(native.get(), 1);
  }
}

}  // namespace quicket::quic
