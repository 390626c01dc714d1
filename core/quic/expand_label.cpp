#include "core/quic/expand_label.hpp"

#include <gnutls/crypto.h>

namespace quicket::quic {

bool expand_label(gnutls_mac_algorithm_t hash, ByteView secret, std::string_view label, ByteView context,
                  MutableByteView out) {
  constexpr std::string_view kPrefix = "tls13 ";
  constexpr std::size_t kMost = 255, kMostOut = 0xffff;
  if (kPrefix.size() + label.size() > kMost || context.size() > kMost || out.size() > kMostOut) return false;
  Bytes info{std::byte(out.size() >> 8), std::byte(out.size() & 0xff)};
  const auto append = [&](ByteView bytes) { info.insert(info.end(), bytes.begin(), bytes.end()); };
  info.push_back(std::byte(kPrefix.size() + label.size()));
  append(as_bytes(kPrefix));
  append(as_bytes(label));
  info.push_back(std::byte(context.size()));
  append(context);
  const auto datum = [](ByteView bytes) {  // GnuTLS only reads it
    return gnutls_datum_t{const_cast<unsigned char*>(octets(bytes)), static_cast<unsigned>(bytes.size())};
  };
  const gnutls_datum_t key = datum(secret), text = datum(info);
  return gnutls_hkdf_expand(hash, &key, &text, octets(out), out.size()) >= 0;
}

}  // namespace quicket::quic
