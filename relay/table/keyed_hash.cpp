#include "relay/table/keyed_hash.hpp"

#include "core/base/hash.hpp"

#include <sodium/crypto_shorthash.h>

#include <algorithm>
#include <cstring>

namespace quicket::relay {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(std::size_t));

KeyedHash::KeyedHash() { random_fill(key_); }

std::size_t KeyedHash::operator()(ByteView bytes) const noexcept {
  std::size_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), octets(bytes), bytes.size(), octets(ByteView(key_)));
  return hash;
}

std::size_t KeyedHash::operator()(const Address& address) const noexcept {
  std::array<std::byte, 18> bytes;
  const auto end = std::ranges::copy(address.ip(), bytes.begin()).out;
  const std::uint16_t port = address.port();
  std::memcpy(&*end, &port, sizeof port);
  return (*this)(ByteView(bytes).first(address.ip().size() + sizeof port));
}

}  // namespace quicket::relay
