#include "core/quic/tls_session.hpp"

#include "core/quic/credentials.hpp"
#include "core/quic/expand_label.hpp"
#include "core/quic/packet_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

namespace quicket::quic {

namespace {

// Between peers only what both sides are known to have: it keeps the ClientHello, and so the offer, small.
constexpr std::string_view kPeerPriorities =
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:+AEAD:+SIGN-EDDSA-ED25519:+GROUP-X25519:"
    "%DISABLE_TLS13_COMPAT_MODE:+CTYPE-X509";
constexpr std::string_view kWebPriorities =
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:+AEAD:+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SECP256R1-"
    "SHA256:"
    "+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512:"
    "+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE:+"
    "CTYPE-X509";

std::string priorities(bool web) {
  std::string text(web ? kWebPriorities : kPeerPriorities);
  if (gnutls_check_version("3.8.0")) text += ":%NO_SHUFFLE_EXTENSIONS";  // earlier versions do not know the word
  return text;
}

std::optional<Ed25519PublicKey> ed25519_of(gnutls_x509_crt_t certificate) {
  if (gnutls_x509_crt_get_pk_algorithm(certificate, nullptr) != GNUTLS_PK_EDDSA_ED25519) return std::nullopt;
  PublicKey key;
  if (gnutls_pubkey_init(key.out()) < 0 || gnutls_pubkey_import_x509(key.get(), certificate, 0) < 0)
    return std::nullopt;
  gnutls_ecc_curve_t curve{};
  Datum x, y;
  if (gnutls_pubkey_export_ecc_raw2(key.get(), &curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ) < 0) return std::nullopt;
  Ed25519PublicKey raw;
  if (x.size != raw.size()) return std::nullopt;
  std::ranges::copy(byte_view(x.data, x.size), raw.begin());
  return raw;
}

class ShownCertificate final : public PeerCertificate {
 public:
  ShownCertificate(gnutls_session_t session, std::optional<Ed25519PublicKey> key, const Digest& spki)
      : session_(session), key_(key), spki_(spki) {}

  std::optional<Ed25519PublicKey> ed25519() const override { return key_; }
  Digest spki_sha256() const override { return spki_; }

  Result<void> check_web_pki(const std::string& host) const override {
    void* credentials = nullptr;
    if (auto done = check(gnutls_credentials_get(session_, GNUTLS_CRD_CERTIFICATE, &credentials)); !done) return done;
    const int loaded =
        gnutls_certificate_set_x509_system_trust(static_cast<gnutls_certificate_credentials_t>(credentials));
    if (auto done = check(loaded); !done) return done;
    unsigned status = 0;
    const int code = gnutls_certificate_verify_peers3(session_, host.c_str(), &status);
    if (code < 0 || status != 0) return Errc::kRelayPinMismatch;
    return {};
  }

 private:
  gnutls_session_t session_;
  std::optional<Ed25519PublicKey> key_;
  Digest spki_;
};

}  // namespace

TlsSession::TlsSession(TlsSettings settings, std::function<void(std::string_view)> key_log)
    : settings_(std::move(settings)), key_log_(std::move(key_log)) {}

TlsSession::~TlsSession() {
  end_session();
  gnutls_memset(exporter_secret_.data(), 0, exporter_secret_.size());
}

void TlsSession::end_session() {
  if (session_) gnutls_deinit(std::exchange(session_, nullptr));
  if (anonymous_) gnutls_certificate_free_credentials(std::exchange(anonymous_, nullptr));
}

void TlsSession::finish() {
  if (!session_) return;
  alpn_ = alpn();
  end_session();
  settings_ = {};
  key_log_ = nullptr;
}

TlsSession* TlsSession::of(gnutls_session_t session) { return static_cast<TlsSession*>(gnutls_db_get_ptr(session)); }

Result<std::unique_ptr<TlsSession>> TlsSession::create(TlsSettings settings, Role role,
                                                       ngtcp2_crypto_conn_ref* connection,
                                                       std::function<void(std::string_view)> key_log) {
  const bool complete = role == Role::kServer ? settings.own != nullptr : static_cast<bool>(settings.verify);
  if (!complete || settings.alpn.empty()) return make_error_code(boost::system::errc::invalid_argument);
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(settings), std::move(key_log)));
  if (auto done = session->set_up(role, connection); !done) return done.error();
  return session;
}

Result<void> TlsSession::set_up(Role role, ngtcp2_crypto_conn_ref* connection) {
  const unsigned side = role == Role::kServer ? GNUTLS_SERVER : GNUTLS_CLIENT;
  // No session tickets: an identity is checked in every handshake, and a resumed one would not call verify.
  if (auto done = check(gnutls_init(&session_, side | GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_TICKETS)); !done)
    return done;
  const std::string words = priorities(settings_.web_signatures);
  if (auto done = check(gnutls_priority_set_direct(session_, words.c_str(), nullptr)); !done) return done;

  const int configured = role == Role::kServer ? ngtcp2_crypto_gnutls_configure_server_session(session_)
                                               : ngtcp2_crypto_gnutls_configure_client_session(session_);
  if (configured != 0) return Errc::kInternal;
  gnutls_handshake_set_secret_function(session_, packet_keys::take_secrets);  // instead of ngtcp2's
  gnutls_session_set_ptr(session_, connection);
  gnutls_db_set_ptr(session_, this);  // the database pointer is free for us: there is no session cache

  gnutls_certificate_credentials_t credentials = nullptr;
  if (settings_.own) {
    credentials = settings_.own->native_->store.get();
  } else {
    if (auto done = check(gnutls_certificate_allocate_credentials(&anonymous_)); !done) return done;
    credentials = anonymous_;
  }
  if (auto done = check(gnutls_credentials_set(session_, GNUTLS_CRD_CERTIFICATE, credentials)); !done) return done;

  if (settings_.verify) {
    gnutls_session_set_verify_function(session_, [](gnutls_session_t session) { return of(session)->verify_peer(); });
    if (role == Role::kServer) gnutls_certificate_server_set_request(session_, GNUTLS_CERT_REQUIRE);
  }
  environments_log_ = gnutls_session_get_keylog_function(session_);
  gnutls_session_set_keylog_function(session_,
                                     [](gnutls_session_t native, const char* label, const gnutls_datum_t* secret) {
                                       return of(native)->take_secret(label, *secret);
                                     });
  if (role == Role::kClient && !settings_.server_name.empty()) {
    const int named =
        gnutls_server_name_set(session_, GNUTLS_NAME_DNS, settings_.server_name.data(), settings_.server_name.size());
    if (auto done = check(named); !done) return done;
  }
  return set_up_alpn(role);
}

Result<void> TlsSession::set_up_alpn(Role role) {
  constexpr std::size_t kMaxNames = 8, kMaxName = 31;  // GnuTLS's own bounds
  std::vector<gnutls_datum_t> names;
  for (std::string& name : settings_.alpn) {
    if (name.empty() || name.size() > kMaxName) return make_error_code(boost::system::errc::invalid_argument);
    names.push_back({reinterpret_cast<unsigned char*>(name.data()), static_cast<unsigned>(name.size())});
  }
  if (names.size() > kMaxNames) return make_error_code(boost::system::errc::invalid_argument);
  unsigned flags = GNUTLS_ALPN_MANDATORY;
  if (role == Role::kServer) flags |= GNUTLS_ALPN_SERVER_PRECEDENCE;
  return check(gnutls_alpn_set_protocols(session_, names.data(), static_cast<unsigned>(names.size()), flags));
}

// take_secret is told of each secret that the handshake makes, by its name in the SSLKEYLOGFILE format.
int TlsSession::take_secret(const char* label, const gnutls_datum_t& secret) {
  if (label == std::string_view("EXPORTER_SECRET")) {
    exporter_secret_ = to_bytes(byte_view(secret.data, secret.size));
    hash_ = gnutls_prf_hash_get(session_);
  }
  if (!key_log_) return environments_log_ ? environments_log_(session_, label, &secret) : 0;
  gnutls_datum_t client_random{}, server_random{};
  gnutls_session_get_random(session_, &client_random, &server_random);
  std::string line = label;
  for (const gnutls_datum_t& part : {client_random, secret}) {
    line += ' ';
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned i = 0; i < part.size; ++i) {
      line += kDigits[part.data[i] >> 4];
      line += kDigits[part.data[i] & 15];
    }
  }
  key_log_(line);
  return 0;
}

int TlsSession::verify_peer() {
  constexpr int kRefuse = GNUTLS_E_CERTIFICATE_ERROR;
  refusal_ = make_error_code(Errc::kHandshakeFailed);  // until the callback has agreed
  unsigned count = 0;
  const gnutls_datum_t* chain = gnutls_certificate_get_peers(session_, &count);
  if (!chain || count == 0 || gnutls_certificate_type_get2(session_, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
    return kRefuse;
  Certificate certificate;
  if (gnutls_x509_crt_init(certificate.out()) < 0) return kRefuse;
  if (gnutls_x509_crt_import(certificate.get(), &chain[0], GNUTLS_X509_FMT_DER) < 0) return kRefuse;
  const auto spki = spki_digest(certificate.get());
  if (!spki) return kRefuse;
  const auto key = ed25519_of(certificate.get());
  if (auto agreed = settings_.verify(ShownCertificate(session_, key, *spki)); !agreed) {
    refusal_ = agreed.error();
    return kRefuse;
  }
  refusal_.reset();
  peer_key_ = key;
  return 0;
}

std::string TlsSession::alpn() const {
  if (!session_) return alpn_;
  gnutls_datum_t name{};
  if (gnutls_alpn_get_selected_protocol(session_, &name) < 0) return {};
  return {reinterpret_cast<const char*>(name.data), name.size};
}

Result<Bytes> TlsSession::exporter(std::string_view label, std::size_t size) const {
  if (exporter_secret_.empty()) return Errc::kUnsupported;
  const auto hash = static_cast<gnutls_mac_algorithm_t>(hash_);  // a hash's HMAC has the hash's number
  Bytes no_context(exporter_secret_.size()), derived(exporter_secret_.size()), secret(size);
  if (auto done = check(gnutls_hash_fast(hash_, nullptr, 0, no_context.data())); !done) return done.error();
  const bool fits = expand_label(hash, exporter_secret_, label, no_context, derived) &&
                    expand_label(hash, derived, "exporter", no_context, secret);
  gnutls_memset(derived.data(), 0, derived.size());
  if (!fits) return Errc::kTooLarge;
  return secret;
}

}  // namespace quicket::quic
