#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "core/quic/tls.hpp"
#include "core/quic/types.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2_crypto.h>

namespace quicket::quic {

// TlsSession is one connection's GnuTLS session, set up for ngtcp2. Internal to core/quic.
class TlsSession {
 public:
  // create sets the session up. `connection` is how ngtcp2's glue finds its connection; it outlives the session.
  // Errors: errc::invalid_argument (settings), kOutOfResources, kInternal.
  static Result<std::unique_ptr<TlsSession>> create(TlsSettings settings, Role role, ngtcp2_crypto_conn_ref* connection,
                                                    std::function<void(std::string_view)> key_log);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // native is nullptr after finish().
  gnutls_session_t native() const noexcept { return session_; }
  // finish gives GnuTLS's memory back, some 40 kB, and the settings: after the handshake, and not while GnuTLS runs.
  void finish();

  // refusal is the verify callback's error, once there is one.
  const std::optional<error_code>& refusal() const noexcept { return refusal_; }
  const std::optional<Ed25519PublicKey>& peer_key() const noexcept { return peer_key_; }
  std::string alpn() const;
  // exporter: errors: kUnsupported before the handshake is complete, kTooLarge (the label or the size).
  Result<Bytes> exporter(std::string_view label, std::size_t size) const;

 private:
  TlsSession(TlsSettings settings, std::function<void(std::string_view)> key_log);
  Result<void> set_up(Role role, ngtcp2_crypto_conn_ref* connection);
  Result<void> set_up_alpn(Role role);
  int verify_peer();
  int take_secret(const char* label, const gnutls_datum_t& secret);
  void end_session();
  static TlsSession* of(gnutls_session_t session);

  TlsSettings settings_;
  std::function<void(std::string_view)> key_log_;
  gnutls_session_t session_ = nullptr;
  gnutls_certificate_credentials_t anonymous_ = nullptr;  // when there are no own credentials
  std::optional<error_code> refusal_;
  std::optional<Ed25519PublicKey> peer_key_;
  std::string alpn_;  // after finish()
  // What exporter() derives from (RFC 8446 section 7.5), and the hash that belongs to it.
  Bytes exporter_secret_;
  gnutls_digest_algorithm_t hash_ = GNUTLS_DIG_UNKNOWN;
  gnutls_keylog_func environments_log_ = nullptr;  // GnuTLS's own, which heeds SSLKEYLOGFILE
};

}  // namespace quicket::quic
