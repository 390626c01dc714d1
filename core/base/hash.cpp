#include "core/base/hash.hpp"

#include <sodium.h>

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket {

namespace {

// Hmac is one HMAC-SHA256 computation over several parts.
class Hmac {
 public:
  explicit Hmac(ByteView key) {
    const std::uint8_t none = 0;  // libsodium takes no null pointer for an empty key
    crypto_auth_hmacsha256_init(&state_, key.empty() ? &none : octets(key), key.size());
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac() { sodium_memzero(&state_, sizeof state_); }

  Hmac& add(ByteView part) {
    crypto_auth_hmacsha256_update(&state_, octets(part), part.size());
    return *this;
  }

  Sha256 finish() {
    Sha256 digest;
    crypto_auth_hmacsha256_final(&state_, octets(MutableByteView(digest)));
    return digest;
  }

 private:
  crypto_auth_hmacsha256_state state_;
};

}  // namespace

Sha256 sha256(ByteView message) {
  Sha256 digest;
  crypto_hash_sha256(octets(MutableByteView(digest)), octets(message), message.size());
  return digest;
}

Sha256 hmac_sha256(ByteView key, ByteView message) { return Hmac(key).add(message).finish(); }

Bytes hkdf_sha256(ByteView secret, ByteView info, std::size_t size, ByteView salt) {
  BOOST_ASSERT(size <= kMaxHkdf);
  Sha256 extracted = hmac_sha256(salt, secret);  // HMAC pads its key with zeros: no salt equals one of zeros
  Sha256 block{};
  Bytes output;
  output.reserve(size);
  for (unsigned counter = 1; output.size() < size; ++counter) {
    Hmac expand(extracted);
    if (counter > 1) expand.add(block);
    const std::byte number{static_cast<std::uint8_t>(counter)};
    block = expand.add(info).add({&number, 1}).finish();
    const std::size_t take = std::min(block.size(), size - output.size());
    output.insert(output.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(take));
  }
  wipe(extracted);
  wipe(block);
  return output;
}

bool equal_in_constant_time(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void random_fill(MutableByteView bytes) {
  BOOST_VERIFY(sodium_init() >= 0);  // takes effect once; from then on any thread may draw
  if (!bytes.empty()) randombytes_buf(bytes.data(), bytes.size());
}

void wipe(MutableByteView bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace quicket
