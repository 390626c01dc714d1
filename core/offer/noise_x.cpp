#include "core/offer/noise_x.hpp"

#include "core/base/hash.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <string_view>

#include <sodium.h>

namespace quicket {

namespace {

constexpr std::string_view kName = "Noise_X_25519_ChaChaPoly_SHA256";
static_assert(kName.size() <= 32);  // then the first hash is the name itself, padded with zeros

constexpr std::size_t kTag = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKey = 32;

// What libsodium reads and writes; octets() alone cannot tell for an array.
const std::uint8_t* in(ByteView bytes) { return octets(bytes); }
std::uint8_t* out(MutableByteView bytes) { return octets(bytes); }

using Nonce = std::array<std::byte, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

Nonce nonce_of(std::uint64_t counter) {
  Nonce nonce{};  // 32 zero bits, then the counter in little-endian order
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = std::byte(static_cast<std::uint8_t>(counter >> (8 * i)));
  return nonce;
}

// The operations of a Noise SymmetricState (section 5.2), with names of the specification.

void mix_hash(NoiseKeys& keys, ByteView data) {
  Bytes input(keys.hash.begin(), keys.hash.end());
  input.insert(input.end(), data.begin(), data.end());
  keys.hash = sha256(input);
}

// expand_two is Noise's HKDF with two outputs: RFC 5869 with the chaining key as salt and no info.
std::array<X25519Key, 2> expand_two(const X25519Key& chaining, ByteView input) {
  Bytes output = hkdf_sha256(input, {}, 2 * kKey, chaining);
  std::array<X25519Key, 2> keys;
  std::copy_n(output.begin(), kKey, keys[0].begin());
  std::copy_n(output.begin() + kKey, kKey, keys[1].begin());
  wipe(output);
  return keys;
}

void mix_key(NoiseKeys& keys, ByteView input) {
  auto mixed = expand_two(keys.chaining, input);
  keys.chaining = mixed[0];
  keys.cipher = mixed[1];
  keys.nonce = 0;
  for (X25519Key& key : mixed) wipe(key);
}

Bytes encrypt_and_hash(NoiseKeys& keys, ByteView plain) {
  const Nonce nonce = nonce_of(keys.nonce++);
  Bytes sealed(plain.size() + kTag);
  crypto_aead_chacha20poly1305_ietf_encrypt(out(sealed), nullptr, in(plain), plain.size(), in(keys.hash),
                                            keys.hash.size(), nullptr, in(nonce), in(keys.cipher));
  mix_hash(keys, sealed);
  return sealed;
}

Result<Bytes> decrypt_and_hash(NoiseKeys& keys, ByteView sealed) {
  const Nonce nonce = nonce_of(keys.nonce++);
  Bytes plain(sealed.size() - kTag);
  const int code =
      crypto_aead_chacha20poly1305_ietf_decrypt(out(plain), nullptr, nullptr, in(sealed), sealed.size(), in(keys.hash),
                                                keys.hash.size(), in(nonce), in(keys.cipher));
  if (code != 0) return make_error_code(boost::system::errc::bad_message);
  mix_hash(keys, sealed);
  return plain;
}

// mix_exchange mixes in a Diffie-Hellman result; false when it is all zeros, as with a point of low order.
bool mix_exchange(NoiseKeys& keys, const X25519Key& secret, const X25519Key& other) {
  X25519Key shared;
  const bool usable = crypto_scalarmult(out(shared), in(secret), in(other)) == 0;
  if (usable) mix_key(keys, shared);
  wipe(shared);
  return usable;
}

NoiseKeys initialize(ByteView prologue, const X25519Key& recipient) {
  NoiseKeys keys;
  std::ranges::copy(as_bytes(kName), keys.hash.begin());
  keys.chaining = keys.hash;
  mix_hash(keys, prologue);
  mix_hash(keys, recipient);
  return keys;
}

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

X25519Key key_from(ByteView bytes) {
  BOOST_ASSERT(bytes.size() == kKey);
  X25519Key key;
  std::ranges::copy(bytes, key.begin());
  return key;
}

}  // namespace

NoiseKeys::~NoiseKeys() {
  wipe(chaining);
  wipe(cipher);
}

X25519Key x25519_public(const X25519Key& secret) {
  X25519Key key;
  crypto_scalarmult_base(out(key), in(secret));
  return key;
}

Result<NoiseXSender> NoiseXSender::start(const X25519Key& own_secret, const X25519Key& recipient, ByteView prologue,
                                         const X25519Key& ephemeral) {
  const auto refused = make_error_code(boost::system::errc::invalid_argument);
  NoiseKeys keys = initialize(prologue, recipient);
  const X25519Key ephemeral_public = x25519_public(ephemeral);
  Bytes head = to_bytes(ephemeral_public);
  mix_hash(keys, ephemeral_public);                                 // e
  if (!mix_exchange(keys, ephemeral, recipient)) return refused;    // es
  append(head, encrypt_and_hash(keys, x25519_public(own_secret)));  // s
  if (!mix_exchange(keys, own_secret, recipient)) return refused;   // ss
  return NoiseXSender(keys, std::move(head));
}

X25519Key NoiseXSender::first_key() const { return expand_two(keys_.chaining, {})[0]; }

Bytes NoiseXSender::finish(ByteView payload) && {
  append(head_, encrypt_and_hash(keys_, payload));
  return std::move(head_);
}

Result<NoiseXMessage> open_noise_x(const X25519Key& own_secret, ByteView prologue, ByteView message) {
  const auto refused = make_error_code(boost::system::errc::bad_message);
  if (message.size() < kNoiseXOverhead) return refused;
  NoiseKeys keys = initialize(prologue, x25519_public(own_secret));
  const X25519Key ephemeral = key_from(message.first(kKey));
  mix_hash(keys, ephemeral);                                                       // e
  if (!mix_exchange(keys, own_secret, ephemeral)) return refused;                  // es
  const auto sender = decrypt_and_hash(keys, message.subspan(kKey, kKey + kTag));  // s
  if (!sender) return sender.error();
  NoiseXMessage opened{.sender = key_from(*sender)};
  if (!mix_exchange(keys, own_secret, opened.sender)) return refused;  // ss
  auto payload = decrypt_and_hash(keys, message.subspan(kKey + kKey + kTag));
  if (!payload) return payload.error();
  opened.payload = *std::move(payload);
  opened.first_key = expand_two(keys.chaining, {})[0];
  return opened;
}

}  // namespace quicket
