#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace quicket {

// write_certificate writes a certificate for localhost and 127.0.0.1, signed by itself, and its key: cert.pem, key.pem.
inline void write_certificate(const std::filesystem::path& folder) {
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&::X509_free)> certificate(::X509_new(), &::X509_free);
  X509* const x = certificate.get();
  ::X509_set_version(x, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(x), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(x), -3'600);
  ::X509_gmtime_adj(::X509_getm_notAfter(x), 24 * 3'600);
  ::X509_set_pubkey(x, key.get());
  X509_NAME* const name = ::X509_get_subject_name(x);
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
  ::X509_set_issuer_name(x, name);
  const auto extend = [x](int what, const char* value) {
    const std::unique_ptr<X509_EXTENSION, decltype(&::X509_EXTENSION_free)> extension(
        ::X509V3_EXT_conf_nid(nullptr, nullptr, what, value), &::X509_EXTENSION_free);
    ::X509_add_ext(x, extension.get(), -1);
  };
  extend(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  extend(NID_basic_constraints, "critical,CA:TRUE");
  if (::X509_sign(x, key.get(), ::EVP_sha256()) == 0) throw std::runtime_error("no certificate");

  const auto write = [](const std::filesystem::path& path, auto&& put) {
    const std::unique_ptr<FILE, decltype(&::fclose)> file(::fopen(path.c_str(), "w"), &::fclose);
    if (!file || put(file.get()) != 1) throw std::runtime_error("cannot write " + path.string());
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  write(folder / "cert.pem", [x](FILE* file) { return ::PEM_write_X509(file, x); });
  write(folder / "key.pem",
        [&key](FILE* file) { return ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace quicket
