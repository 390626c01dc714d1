#include "core/cid/connection_id.hpp"

#include <sodium.h>

#include <cstring>

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"

namespace quicket {

std::string ConnectionId::hex() const { return quicket::hex(bytes()); }

ConnectionIdHash::ConnectionIdHash() {
  static_assert(sizeof key_ == crypto_shorthash_KEYBYTES);
  random_fill(std::as_writable_bytes(std::span(key_)));
}

std::size_t ConnectionIdHash::operator()(const ConnectionId& id) const noexcept {
  std::array<std::uint8_t, crypto_shorthash_BYTES> digest;
  crypto_shorthash(digest.data(), octets(id.bytes()), id.length(), key_.data());
  std::size_t hash = 0;
  static_assert(sizeof hash <= sizeof digest);
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

}  // namespace quicket
