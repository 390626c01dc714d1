#pragma once

#include <quicket/bytes.hpp>

#include <string_view>

#include <gnutls/gnutls.h>

namespace quicket::quic {

// expand_label is HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1). False when `out` is longer than 255 hashes, the
// label than 249 bytes or the context than 255.
[[nodiscard]] bool expand_label(gnutls_mac_algorithm_t hash, ByteView secret, std::string_view label, ByteView context,
                                MutableByteView out);

}  // namespace quicket::quic
