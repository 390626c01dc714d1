#pragma once

#include <quicket/error.hpp>

#include <memory>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

namespace quicket::quic {

// check turns GnuTLS's return code into an error of ours.
inline Result<void> check(int code) {
  if (code >= 0) return {};
  return code == GNUTLS_E_MEMORY_ERROR ? Errc::kOutOfResources : Errc::kInternal;
}

// Owners for GnuTLS's handles.
template <class Handle, void (*kFree)(Handle)>
class GnutlsHandle {
 public:
  GnutlsHandle() = default;
  ~GnutlsHandle() {
    if (handle_) kFree(handle_);
  }
  GnutlsHandle(const GnutlsHandle&) = delete;
  GnutlsHandle& operator=(const GnutlsHandle&) = delete;

  Handle get() const noexcept { return handle_; }
  Handle* out() noexcept { return &handle_; }

 private:
  Handle handle_ = nullptr;
};

using Certificate = GnutlsHandle<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using CertificateKey = GnutlsHandle<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using PublicKey = GnutlsHandle<gnutls_pubkey_t, gnutls_pubkey_deinit>;
using CertificateStore = GnutlsHandle<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;

// Datum is memory that GnuTLS allocated.
struct Datum : gnutls_datum_t {
  Datum() : gnutls_datum_t{nullptr, 0} {}
  ~Datum() { gnutls_free(data); }
  Datum(const Datum&) = delete;
  Datum& operator=(const Datum&) = delete;
};

}  // namespace quicket::quic
