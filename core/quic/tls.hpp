#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quicket::quic {

using Digest = std::array<std::byte, 32>;
using Ed25519PublicKey = std::array<std::byte, 32>;

// PeerCertificate is what the other side proved to hold the key of.
class PeerCertificate {
 public:
  virtual ~PeerCertificate() = default;
  // ed25519 is the key of an Ed25519 certificate, else nullopt.
  virtual std::optional<Ed25519PublicKey> ed25519() const = 0;
  // spki_sha256 is SHA-256 over the SubjectPublicKeyInfo.
  virtual Digest spki_sha256() const = 0;
  // check_web_pki verifies chain, dates and host name against the system's trust anchors.
  virtual Result<void> check_web_pki(const std::string& host) const = 0;
};

// Verify decides whether to go on with this certificate. Its error is what Closed reports here; the other side gets TLS
// alert 42.
using Verify = std::function<Result<void>(const PeerCertificate&)>;

// Credentials are a certificate chain and its private key, loaded once and shared by connections.
// Thread safety: immutable after creation.
class Credentials {
 public:
  // from_ed25519 makes a self-signed X.509 certificate for the key whose 32-byte seed (RFC 8032) is given. Its dates
  // are constant: both sides pin the key and ignore them.
  static Result<std::shared_ptr<const Credentials>> from_ed25519(ByteView seed);
  // from_pem reads a chain, own certificate first, and its key. Errors: errc::invalid_argument when they are not PEM
  // without a password, or do not belong together.
  static Result<std::shared_ptr<const Credentials>> from_pem(ByteView certificates, ByteView key);

  // spki_sha256 is SHA-256 over the own certificate's SubjectPublicKeyInfo; a relay's pin is its first 16 bytes.
  const Digest& spki_sha256() const noexcept;

  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

 private:
  friend class TlsSession;
  struct Native;  // GnuTLS's own
  explicit Credentials(std::unique_ptr<Native> native);
  static Result<std::shared_ptr<const Credentials>> finish(std::unique_ptr<Native> native);
  std::unique_ptr<Native> native_;
};

// PemPair is a certificate and its private key as text files hold them.
struct PemPair {
  std::string certificate;
  std::string key;
};

// make_self_signed makes an ECDSA P-256 key and a certificate for it that names `hosts` (DNS names and IP addresses)
// and has no end date: what a relay shows until it is given a better one; browsers take no Ed25519.
Result<PemPair> make_self_signed(const std::vector<std::string>& hosts);

// TlsSettings are one connection's choices (TLS 1.3 only: X25519; AES-128-GCM, ChaCha20-Poly1305, AES-256-GCM).
struct TlsSettings {
  std::shared_ptr<const Credentials> own;  // nullptr: present no certificate (clients only)
  Verify verify;                           // empty on a server: ask for no client certificate; on a client: refused
  std::vector<std::string> alpn;  // at most 8 names of at most 31 bytes; a server takes the first the client has
  std::string server_name;        // SNI; empty: none
  bool web_signatures = false;    // also accept ECDSA and RSA (HTTP/3), not only Ed25519 (between peers)
};

}  // namespace quicket::quic
