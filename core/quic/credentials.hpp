#pragma once

#include "core/quic/gnutls_check.hpp"
#include "core/quic/tls.hpp"

namespace quicket::quic {

struct Credentials::Native {
  CertificateStore store;
  Digest spki_sha256{};
};

// spki_digest is SHA-256 over a certificate's SubjectPublicKeyInfo.
Result<Digest> spki_digest(gnutls_x509_crt_t certificate);

}  // namespace quicket::quic
