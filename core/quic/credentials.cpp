#include "core/quic/credentials.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

#include <gnutls/crypto.h>

namespace quicket::quic {

namespace {

// PKCS #8 wrapping of an Ed25519 seed (RFC 8410 section 7), up to the 32 bytes of the seed.
constexpr std::array<std::uint8_t, 16> kEd25519Pkcs8{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr time_t kNoExpiry = static_cast<time_t>(-1);  // GnuTLS writes 99991231235959Z (RFC 5280 section 4.1.2.5)
constexpr time_t kLongAgo = 1'577'836'800;             // 2020-01-01: constant, so that no clock shows in a certificate

gnutls_datum_t datum(ByteView bytes) {
  return {const_cast<unsigned char*>(octets(bytes)), static_cast<unsigned>(bytes.size())};
}

Result<void> fill_self_signed(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, ByteView serial,
                              gnutls_digest_algorithm_t digest) {
  constexpr std::string_view kName = "quicket";
  const std::array steps{
      gnutls_x509_crt_set_version(certificate, 3),
      gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()),
      gnutls_x509_crt_set_activation_time(certificate, kLongAgo),
      gnutls_x509_crt_set_expiration_time(certificate, kNoExpiry),
      gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, kName.data(), kName.size()),
      gnutls_x509_crt_set_key(certificate, key),
      gnutls_x509_crt_sign2(certificate, certificate, key, digest, 0)};
  return check(*std::ranges::min_element(steps));
}

Result<std::string> pem_of(auto export_function, auto handle) {
  Datum text;
  if (auto done = check(export_function(handle, GNUTLS_X509_FMT_PEM, &text)); !done) return done.error();
  return std::string(reinterpret_cast<const char*>(text.data), text.size);
}

Result<void> name_hosts(gnutls_x509_crt_t certificate, const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    error_code not_an_address;
    const auto ip = boost::asio::ip::make_address(host, not_an_address);
    int code = 0;
    if (not_an_address) {
      code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, host.data(),
                                                  static_cast<unsigned>(host.size()), GNUTLS_FSAN_APPEND);
    } else if (ip.is_v4()) {
      const auto bytes = ip.to_v4().to_bytes();
      code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, bytes.data(), bytes.size(),
                                                  GNUTLS_FSAN_APPEND);
    } else {
      const auto bytes = ip.to_v6().to_bytes();
      code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, bytes.data(), bytes.size(),
                                                  GNUTLS_FSAN_APPEND);
    }
    if (auto done = check(code); !done) return done;
  }
  return {};
}

// key_matches: the private key is the one that the certificate names. GnuTLS (3.7) compares no Ed25519 keys.
Result<bool> key_matches(gnutls_certificate_credentials_t store, const Digest& certificate) {
  CertificateKey key;
  if (auto done = check(gnutls_certificate_get_x509_key(store, 0, key.out())); !done) return done.error();
  Digest digest;
  std::size_t size = digest.size();
  const int code =
      gnutls_x509_privkey_get_key_id(key.get(), GNUTLS_KEYID_USE_SHA256, octets(MutableByteView(digest)), &size);
  if (auto done = check(code); !done) return done.error();
  return digest == certificate;
}

}  // namespace

Result<Digest> spki_digest(gnutls_x509_crt_t certificate) {
  Digest digest;
  std::size_t size = digest.size();
  const int code =
      gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, octets(MutableByteView(digest)), &size);
  if (auto done = check(code); !done) return done.error();
  return digest;
}

Credentials::Credentials(std::unique_ptr<Native> native) : native_(std::move(native)) {}
Credentials::~Credentials() = default;
const Digest& Credentials::spki_sha256() const noexcept { return native_->spki_sha256; }

Result<std::shared_ptr<const Credentials>> Credentials::finish(std::unique_ptr<Native> native) {
  gnutls_datum_t own{};
  if (auto done = check(gnutls_certificate_get_crt_raw(native->store.get(), 0, 0, &own)); !done) return done.error();
  Certificate certificate;
  if (auto done = check(gnutls_x509_crt_init(certificate.out())); !done) return done.error();
  if (auto done = check(gnutls_x509_crt_import(certificate.get(), &own, GNUTLS_X509_FMT_DER)); !done)
    return done.error();
  auto digest = spki_digest(certificate.get());
  if (!digest) return digest.error();
  native->spki_sha256 = *digest;
  const auto matches = key_matches(native->store.get(), *digest);
  if (!matches) return matches.error();
  if (!*matches) return make_error_code(boost::system::errc::invalid_argument);
  return std::shared_ptr<const Credentials>(new Credentials(std::move(native)));
}

Result<std::shared_ptr<const Credentials>> Credentials::from_ed25519(ByteView seed) {
  if (seed.size() != 32) return make_error_code(boost::system::errc::invalid_argument);
  std::array<std::byte, kEd25519Pkcs8.size() + 32> pkcs8;
  std::ranges::copy(std::as_bytes(std::span(kEd25519Pkcs8)), pkcs8.begin());
  std::ranges::copy(seed, pkcs8.begin() + kEd25519Pkcs8.size());

  CertificateKey key;
  if (auto done = check(gnutls_x509_privkey_init(key.out())); !done) return done.error();
  const gnutls_datum_t encoded = datum(pkcs8);
  const int imported = gnutls_x509_privkey_import2(key.get(), &encoded, GNUTLS_X509_FMT_DER, nullptr, 0);
  gnutls_memset(pkcs8.data(), 0, pkcs8.size());
  if (auto done = check(imported); !done) return done.error();

  Certificate certificate;
  if (auto done = check(gnutls_x509_crt_init(certificate.out())); !done) return done.error();
  constexpr std::array kSerial{std::byte{1}};
  if (auto done = fill_self_signed(certificate.get(), key.get(), kSerial, GNUTLS_DIG_SHA512); !done)
    return done.error();

  auto native = std::make_unique<Native>();
  if (auto done = check(gnutls_certificate_allocate_credentials(native->store.out())); !done) return done.error();
  gnutls_x509_crt_t chain = certificate.get();
  if (auto done = check(gnutls_certificate_set_x509_key(native->store.get(), &chain, 1, key.get())); !done)
    return done.error();
  return finish(std::move(native));
}

Result<std::shared_ptr<const Credentials>> Credentials::from_pem(ByteView certificates, ByteView key) {
  auto native = std::make_unique<Native>();
  if (auto done = check(gnutls_certificate_allocate_credentials(native->store.out())); !done) return done.error();
  const gnutls_datum_t chain_text = datum(certificates), key_text = datum(key);
  const int code = gnutls_certificate_set_x509_key_mem2(native->store.get(), &chain_text, &key_text,
                                                        GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (code < 0) return make_error_code(boost::system::errc::invalid_argument);
  return finish(std::move(native));
}

Result<PemPair> make_self_signed(const std::vector<std::string>& hosts) {
  CertificateKey key;
  if (auto done = check(gnutls_x509_privkey_init(key.out())); !done) return done.error();
  const unsigned curve = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
  if (auto done = check(gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA, curve, 0)); !done) return done.error();

  Certificate certificate;
  if (auto done = check(gnutls_x509_crt_init(certificate.out())); !done) return done.error();
  if (auto done = name_hosts(certificate.get(), hosts); !done) return done.error();
  std::array<std::byte, 16> serial;
  if (auto done = check(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size())); !done) return done.error();
  serial[0] = (serial[0] & std::byte{0x3f}) | std::byte{0x40};  // positive and without leading zeros (RFC 5280)
  if (auto done = fill_self_signed(certificate.get(), key.get(), serial, GNUTLS_DIG_SHA256); !done) return done.error();

  auto certificate_text = pem_of(gnutls_x509_crt_export2, certificate.get());
  if (!certificate_text) return certificate_text.error();
  auto key_text = pem_of(gnutls_x509_privkey_export2, key.get());
  if (!key_text) return key_text.error();
  return PemPair{std::move(*certificate_text), std::move(*key_text)};
}

}  // namespace quicket::quic
