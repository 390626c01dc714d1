#include "core/quic/connection.hpp"

#include "core/quic/state.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

#include <gnutls/crypto.h>

namespace quicket::quic {

namespace {

constexpr std::uint32_t kVersion = NGTCP2_PROTO_VER_V1;
constexpr std::size_t kResetSecret = 32;
constexpr std::uint64_t kCryptoErrors = 0x100;  // RFC 9001 section 4.8

// Probe sizes, ascending (RFC 8899). no_pmtud must never be set: a server that has it aborts when a path flaps
// (ngtcp2 1.11). Probes above max_tx_udp_payload_size are not sent, so a connection of 1200 bytes gets the first list.
constexpr std::array<std::uint16_t, 1> kNoProbes{65000};
constexpr std::array<std::uint16_t, 4> kProbes{1350, 1452, 1500, 8952};  // the last: jumbo frames, less IPv6 and UDP

ngtcp2_settings settings_for(ConnectionState& state, TimePoint now) {
  const Policy& policy = state.policy;
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = to_native(now);
  settings.initial_rtt = to_native(policy.initial_rtt);
  settings.cc_algo = policy.bbr ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
  settings.max_tx_udp_payload_size = std::max(policy.max_udp_payload, kSmallestPayload);
  const bool probe = policy.max_udp_payload > kSmallestPayload;
  settings.pmtud_probes = probe ? kProbes.data() : kNoProbes.data();
  settings.pmtud_probeslen = probe ? kProbes.size() : kNoProbes.size();
  settings.handshake_timeout =
      policy.handshake_timeout > Duration::zero() ? to_native(policy.handshake_timeout) : UINT64_MAX;
  if (policy.qlog) {
    settings.qlog_write = [](void* user_data, std::uint32_t, const void* data, std::size_t size) {
      static_cast<ConnectionState*>(user_data)->policy.qlog(byte_view(static_cast<const std::uint8_t*>(data), size));
    };
  }
  return settings;
}

ngtcp2_transport_params parameters_for(const Policy& policy) {
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  parameters.initial_max_stream_data_bidi_local = policy.stream_window;
  parameters.initial_max_stream_data_bidi_remote = policy.stream_window;
  parameters.initial_max_stream_data_uni = policy.stream_window;
  parameters.initial_max_data = policy.connection_window;
  parameters.initial_max_streams_bidi = policy.max_streams_bidi;
  parameters.initial_max_streams_uni = policy.max_streams_uni;
  parameters.max_idle_timeout = to_native(policy.idle_timeout);
  parameters.active_connection_id_limit = kActiveConnectionIds;
  parameters.max_datagram_frame_size = policy.max_datagram_frame;
  return parameters;
}

Result<ConnectionId> random_id(std::size_t length) {
  std::array<std::byte, ConnectionId::kMaxLength> bytes;
  if (gnutls_rnd(GNUTLS_RND_NONCE, bytes.data(), bytes.size()) != 0) return Errc::kInternal;
  bytes[0] &= std::byte{0x7f};
  return *ConnectionId::from(ByteView(bytes).first(length));
}

Errc error_of_peer(const ngtcp2_ccerr& error) {
  if (error.type == NGTCP2_CCERR_TYPE_APPLICATION) return Errc::kClosedByPeer;
  if (error.error_code == NGTCP2_CONNECTION_REFUSED) return Errc::kRefusedByPeer;
  if (error.error_code >= kCryptoErrors && error.error_code < 2 * kCryptoErrors) return Errc::kRefusedByPeer;
  return error.error_code == NGTCP2_NO_ERROR ? Errc::kClosedByPeer : Errc::kProtocolViolation;
}

CloseReason reason_of_peer(const ngtcp2_ccerr& error) {
  const bool application = error.type == NGTCP2_CCERR_TYPE_APPLICATION;
  return {application ? CloseReason::Kind::kApplication : CloseReason::Kind::kTransport, error.error_code,
          std::string(reinterpret_cast<const char*>(error.reason), error.reasonlen), error_of_peer(error)};
}

}  // namespace

Connection::Connection(std::unique_ptr<ConnectionState> state) : state_(std::move(state)) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::connect(Policy policy, const Path& path, TimePoint now,
                                                        std::optional<ConnectionId> remote_id) {
  BOOST_ASSERT(policy.role == Role::kClient);
  if (policy.reset_secret.size() != kResetSecret) return make_error_code(boost::system::errc::invalid_argument);
  if (!remote_id) {
    auto drawn = random_id(policy.cids.length());
    if (!drawn) return drawn.error();
    remote_id = *drawn;
  }
  auto state = std::make_unique<ConnectionState>(std::move(policy));
  state->now = state->retirement_period_start = now;
  const ngtcp2_cid source = to_native(state->issue_id()), destination = to_native(*remote_id);
  const ngtcp2_callbacks callbacks = ConnectionState::callbacks(Role::kClient);
  const ngtcp2_settings settings = settings_for(*state, now);
  const ngtcp2_transport_params parameters = parameters_for(state->policy);
  ngtcp2_conn* native = nullptr;
  const int code = ngtcp2_conn_client_new(&native, &destination, &source, NativePath(path).get(), kVersion, &callbacks,
                                          &settings, &parameters, nullptr, state.get());
  if (code != 0) return code == NGTCP2_ERR_NOMEM ? Errc::kOutOfResources : Errc::kInternal;
  state->native.reset(native);
  return adopt(std::move(state));
}

Result<std::unique_ptr<Connection>> Connection::accept(Policy policy, const Path& path, ByteView first_datagram,
                                                       TimePoint now, std::optional<ConnectionId> before_retry) {
  BOOST_ASSERT(policy.role == Role::kServer);
  if (policy.reset_secret.size() != kResetSecret) return make_error_code(boost::system::errc::invalid_argument);
  ngtcp2_pkt_hd header;
  if (ngtcp2_accept(&header, octets(first_datagram), first_datagram.size()) != 0 || header.version != kVersion) {
    return Errc::kProtocolViolation;
  }
  auto state = std::make_unique<ConnectionState>(std::move(policy));
  state->now = state->retirement_period_start = now;
  const ngtcp2_cid source = to_native(state->issue_id());
  const ngtcp2_callbacks callbacks = ConnectionState::callbacks(Role::kServer);
  ngtcp2_settings settings = settings_for(*state, now);
  ngtcp2_transport_params parameters = parameters_for(state->policy);
  parameters.original_dcid = before_retry ? to_native(*before_retry) : header.dcid;
  parameters.original_dcid_present = 1;
  if (before_retry) {
    parameters.retry_scid = header.dcid;
    parameters.retry_scid_present = 1;
    settings.token = header.token;
    settings.tokenlen = header.tokenlen;
    settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
  }
  const Bytes& secret = state->policy.reset_secret;
  if (ngtcp2_crypto_generate_stateless_reset_token(parameters.stateless_reset_token, octets(ByteView(secret)),
                                                   secret.size(), &source) != 0) {
    return Errc::kInternal;
  }
  parameters.stateless_reset_token_present = 1;
  ngtcp2_conn* native = nullptr;
  const int code = ngtcp2_conn_server_new(&native, &header.scid, &source, NativePath(path).get(), kVersion, &callbacks,
                                          &settings, &parameters, nullptr, state.get());
  if (code != 0) return code == NGTCP2_ERR_NOMEM ? Errc::kOutOfResources : Errc::kInternal;
  state->native.reset(native);
  if (state->policy.answers_in_kind) {
    state->budget.emplace();
    if (before_retry) state->budget->validated(path.remote);
  }
  return adopt(std::move(state));
}

Result<std::unique_ptr<Connection>> Connection::adopt(std::unique_ptr<ConnectionState> state) {
  state->reference.user_data = state.get();
  state->reference.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<ConnectionState*>(reference->user_data)->native.get();
  };
  auto tls =
      TlsSession::create(std::move(state->policy.tls), state->policy.role, &state->reference, state->policy.key_log);
  if (!tls) return tls.error();
  state->tls = std::move(*tls);
  ngtcp2_conn_set_tls_native_handle(state->native.get(), state->tls->native());
  return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

Arrival Connection::receive(const Path& path, Ecn ecn, ByteView datagram, TimePoint now) {
  ConnectionState& state = *state_;
  state.now = now;
  if (state.closed) {
    // RFC 9000 section 10.2.1: answer, but ever more rarely.
    state.note_received(path, datagram.size());
    if (!state.close_packet.empty() && now < state.closing_until &&
        ++state.packets_while_closing == state.next_close_answer) {
      state.next_close_answer *= 2;
      state.close_due = true;
    }
    return Arrival::kNothing;
  }
  ++state.packets_received;
  state.bytes_received += datagram.size();
  state.note_received(path, datagram.size());
  state.arrival = Arrival::kNothing;
  ConnectionState::receiving = &state;
  const ngtcp2_pkt_info info{.ecn = static_cast<std::uint8_t>(ecn)};
  const int code = ngtcp2_conn_read_pkt(state.native.get(), NativePath(path).get(), &info, octets(datagram),
                                        datagram.size(), to_native(now));
  ConnectionState::receiving = nullptr;
  if (code != 0) state.on_native_error(code);
  state.let_tls_go();
  return state.arrival;
}

void ConnectionState::note_received(const Path& path, std::size_t bytes) {
  if (!budget) return;
  // Until the handshake is complete ngtcp2 knows one path only, and drops what comes by another.
  const bool counts = handshake_completed || path == from_native(*ngtcp2_conn_get_path(native.get()));
  if (counts) budget->received(path.remote, bytes);
}

void ConnectionState::let_tls_go() {
  if (!handshake_confirmed || closed || !tls->native()) return;
  ngtcp2_conn_set_tls_native_handle(native.get(), nullptr);
  tls->finish();
}

std::optional<TimePoint> Connection::deadline() const {
  if (state_->closed) return state_->closing_over ? std::nullopt : std::optional(state_->closing_until);
  const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(state_->native.get());
  if (expiry == UINT64_MAX) return std::nullopt;
  return from_native(expiry);
}

void Connection::on_deadline(TimePoint now) {
  ConnectionState& state = *state_;
  state.now = now;
  if (state.closed) {
    state.closing_over = now >= state.closing_until;
    return;
  }
  const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(state.native.get());
  if (expiry > to_native(now)) return;
  if (const int code = ngtcp2_conn_handle_expiry(state.native.get(), to_native(now)); code != 0)
    state.on_native_error(code);
}

void ConnectionState::on_native_error(int code) {
  ngtcp2_ccerr error;
  ngtcp2_ccerr_default(&error);
  switch (code) {
    case NGTCP2_ERR_CLOSING:
      return;
    case NGTCP2_ERR_DRAINING:
      if (stateless_reset) return finish({CloseReason::Kind::kReset, 0, {}, Errc::kClosedByPeer});
      return finish(reason_of_peer(*ngtcp2_conn_get_ccerr(native.get())));
    case NGTCP2_ERR_IDLE_CLOSE:
      return finish({CloseReason::Kind::kIdle, 0, {}, Errc::kIdleTimeout});
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      return finish({CloseReason::Kind::kHandshake, 0, {}, Errc::kHandshakeFailed});
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:  // a server that was given no token where it wants one: whoever accepts decides about that,
                            // before
      return finish({CloseReason::Kind::kLocal, 0, {}, Errc::kProtocolViolation});
    case NGTCP2_ERR_CRYPTO: {
      ngtcp2_ccerr_set_tls_alert(&error, ngtcp2_conn_get_tls_alert(native.get()), nullptr, 0);
      const Errc otherwise = handshake_completed ? Errc::kProtocolViolation : Errc::kHandshakeFailed;
      const error_code why = tls->refusal().value_or(make_error_code(otherwise));
      return close_with(error, {CloseReason::Kind::kLocal, error.error_code, {}, why});
    }
    default: {
      ngtcp2_ccerr_set_liberr(&error, code, nullptr, 0);
      const Errc why = code == NGTCP2_ERR_NOMEM    ? Errc::kOutOfResources
                       : ngtcp2_err_is_fatal(code) ? Errc::kInternal
                                                   : Errc::kProtocolViolation;
      return close_with(error, {CloseReason::Kind::kLocal, error.error_code, ngtcp2_strerror(code), why});
    }
  }
}

void ConnectionState::finish(CloseReason reason) {
  if (closed) return;
  const Duration three_pto(static_cast<Duration::rep>(3 * ngtcp2_conn_get_pto(native.get())));
  closing_until = now + std::min(three_pto, kMaxClosingPeriod);
  closed = std::move(reason);
  events.push_back(Closed{*closed});
  held_back.reset();
  datagrams_out.clear();
  to_send.clear();
}

void ConnectionState::close_with(const ngtcp2_ccerr& error, CloseReason reason) {
  if (closed) return;
  Bytes packet(kSmallestPayload);
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  const ngtcp2_ssize written = ngtcp2_conn_write_connection_close(
      native.get(), &path.path, &info, octets(MutableByteView(packet)), packet.size(), &error, to_native(now));
  if (written > 0) {  // else nothing can be told (RFC 9000 section 10.2.3): the other side's timeout ends it
    packet.resize(static_cast<std::size_t>(written));
    close_packet = std::move(packet);
    close_path = from_native(path.path);
    close_due = true;
  }
  finish(std::move(reason));
}

void Connection::close(std::uint64_t code, std::string_view text, bool application, TimePoint now) {
  state_->now = now;
  ngtcp2_ccerr error;
  const auto* reason = reinterpret_cast<const std::uint8_t*>(text.data());
  if (application) {
    ngtcp2_ccerr_set_application_error(&error, code, reason, text.size());
  } else {
    ngtcp2_ccerr_set_transport_error(&error, code, reason, text.size());
  }
  state_->close_with(error, {CloseReason::Kind::kLocal, code, std::string(text), Errc::kConnectionClosed});
}

void Connection::fail(std::uint64_t code, const Failure& why, TimePoint now) {
  state_->now = now;
  ngtcp2_ccerr error;
  const std::string text = why.code.message();
  ngtcp2_ccerr_set_transport_error(&error, code, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  state_->close_with(error, {CloseReason::Kind::kLocal, code, why.message(), why.code});
}

std::optional<Event> Connection::poll() {
  if (state_->events.empty()) return std::nullopt;
  return state_->events.take_front();
}

Result<void> Connection::migrate_now(const Path& path, TimePoint now) {
  if (state_->policy.role != Role::kClient || !state_->handshake_confirmed || state_->closed) return Errc::kUnsupported;
  state_->now = now;
  switch (ngtcp2_conn_initiate_immediate_migration(state_->native.get(), NativePath(path).get(), to_native(now))) {
    case 0:
      return {};
    case NGTCP2_ERR_CONN_ID_BLOCKED:
      return Errc::kWouldBlock;
    default:
      return Errc::kUnsupported;
  }
}

Path Connection::path() const { return from_native(*ngtcp2_conn_get_path(state_->native.get())); }

Result<void> Connection::initiate_key_update(TimePoint now) {
  if (state_->closed) return Errc::kConnectionClosed;
  state_->now = now;
  if (ngtcp2_conn_initiate_key_update(state_->native.get(), to_native(now)) != 0) return Errc::kWouldBlock;
  return {};
}

Result<Bytes> Connection::exporter(std::string_view label, std::size_t size) const {
  if (!state_->handshake_completed) return Errc::kUnsupported;
  return state_->tls->exporter(label, size);
}

bool Connection::is_closed() const noexcept { return state_->closed.has_value(); }
bool Connection::is_finished(TimePoint now) const noexcept { return is_closed() && now >= state_->closing_until; }
const std::optional<CloseReason>& Connection::close_reason() const noexcept { return state_->closed; }
Role Connection::role() const noexcept { return state_->policy.role; }
bool Connection::is_handshake_completed() const noexcept { return state_->handshake_completed; }
bool Connection::is_handshake_confirmed() const noexcept { return state_->handshake_confirmed; }
bool Connection::has_received_crypto() const noexcept { return state_->received_crypto; }
bool Connection::has_peer_parameters() const noexcept {
  return ngtcp2_conn_get_remote_transport_params(state_->native.get()) != nullptr;
}
std::string Connection::alpn() const { return state_->tls->alpn(); }
std::optional<Ed25519PublicKey> Connection::peer_key() const { return state_->tls->peer_key(); }

ConnectionId Connection::original_destination_id() const {
  return from_native(*ngtcp2_conn_get_client_initial_dcid(state_->native.get()));
}

const Schedule& Connection::schedule() const noexcept { return state_->policy.cids; }

std::vector<ConnectionId> Connection::issued_ids() const {
  std::vector<ConnectionId> ids;
  for (const IssuedId& issued : state_->issued) ids.push_back(issued.id);
  return ids;
}

std::optional<std::uint32_t> Connection::counter_of(const ConnectionId& id) const {
  const auto found = std::ranges::find(state_->issued, id, &IssuedId::id);
  if (found == state_->issued.end()) return std::nullopt;
  return found->counter;
}

std::uint32_t Connection::oldest_counter() const noexcept {
  std::uint32_t oldest = state_->policy.cids.issued() + 1;
  for (const IssuedId& issued : state_->issued) oldest = std::min(oldest, issued.counter);
  return oldest;
}

Connection::Statistics Connection::statistics() const {
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(state_->native.get(), &info);
  const auto duration = [](ngtcp2_duration native) { return Duration(static_cast<Duration::rep>(native)); };
  return {.smoothed_rtt = duration(info.smoothed_rtt),
          .min_rtt = info.min_rtt == UINT64_MAX ? Duration::max() : duration(info.min_rtt),
          .pto = duration(ngtcp2_conn_get_pto(state_->native.get())),
          .congestion_window = info.cwnd,
          .bytes_in_flight = info.bytes_in_flight,
          .bytes_sent = state_->bytes_sent,
          .bytes_received = state_->bytes_received,
          .packets_sent = state_->packets_sent,
          .packets_received = state_->packets_received,
          .datagrams_dropped = state_->datagrams_dropped};
}

}  // namespace quicket::quic
