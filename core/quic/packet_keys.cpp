#include "core/quic/packet_keys.hpp"

#include "core/quic/expand_label.hpp"
#include "core/quic/vector_aes.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

namespace quicket::quic::packet_keys {

namespace {

constexpr std::size_t kMaxKey = 32;  // of any cipher

// Wiped is key material on the stack.
template <std::size_t kSize>
struct Wiped : std::array<std::byte, kSize> {
  ~Wiped() { gnutls_memset(this->data(), 0, kSize); }
};

// ngtcp2 keeps keys as handles, and GnuTLS's are aligned: the lowest bit marks ours.
constexpr std::uintptr_t kOurs = 1;

template <class Key>
void* to_handle(std::unique_ptr<Key> key) {
  static_assert(alignof(Key) > kOurs);
  return key ? reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(key.release()) | kOurs) : nullptr;
}

// key_of gives nullptr for a handle of GnuTLS.
template <class Key>
Key* key_of(void* handle) {
  const auto bits = reinterpret_cast<std::uintptr_t>(handle);
  return (bits & kOurs) != 0 ? reinterpret_cast<Key*>(bits & ~kOurs) : nullptr;
}

bool has_our_keys(ngtcp2_conn* connection) {
  // ngtcp2's handle of a cipher is GnuTLS's number of it.
  const void* aead = ngtcp2_conn_get_crypto_ctx(connection)->aead.native_handle;
  return reinterpret_cast<std::uintptr_t>(aead) == GNUTLS_CIPHER_AES_128_GCM && has_vector_aes();
}

// install gives ngtcp2 the first keys of one direction's 1-RTT packets (RFC 9001 section 5.1).
int install(ngtcp2_conn* connection, bool receiving, gnutls_mac_algorithm_t hash, ByteView secret) {
  Wiped<kAes128Key> key, header_key;
  std::array<std::byte, kGcmNonce> iv;
  if (!expand_label(hash, secret, "quic key", {}, key) || !expand_label(hash, secret, "quic iv", {}, iv) ||
      !expand_label(hash, secret, "quic hp", {}, header_key))
    return -1;
  ngtcp2_crypto_aead_ctx packets{to_handle(make_vector_gcm(key))};
  ngtcp2_crypto_cipher_ctx headers{to_handle(make_vector_block(header_key))};
  const auto install_keys = receiving ? ngtcp2_conn_install_rx_key : ngtcp2_conn_install_tx_key;
  if (packets.native_handle && headers.native_handle &&
      install_keys(connection, octets(secret), secret.size(), &packets, octets(ByteView(iv)), iv.size(), &headers) == 0)
    return 0;
  remove(connection, &packets, nullptr);
  remove_header_key(connection, &headers, nullptr);
  return -1;
}

// put_ours replaces a key of GnuTLS by ours.
bool put_ours(ngtcp2_crypto_aead_ctx& context, ByteView key) {
  ngtcp2_crypto_aead_ctx_free(&context);
  context.native_handle = to_handle(make_vector_gcm(key.first(kAes128Key)));
  return context.native_handle != nullptr;
}

}  // namespace

int take_secrets(gnutls_session_t session, gnutls_record_encryption_level_t gnutls_level, const void* receiving,
                 const void* sending, std::size_t size) {
  auto* reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  ngtcp2_conn* connection = reference->get_conn(reference);
  const ngtcp2_encryption_level level = ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(gnutls_level);
  const bool our_keys = level == NGTCP2_ENCRYPTION_LEVEL_1RTT && has_our_keys(connection);
  const auto hash = static_cast<gnutls_mac_algorithm_t>(gnutls_prf_hash_get(session));
  const auto give = [&](const void* secret, bool is_receiving) {
    const auto* bytes = static_cast<const std::uint8_t*>(secret);
    if (our_keys) return install(connection, is_receiving, hash, byte_view(bytes, size));
    const auto give_native =
        is_receiving ? ngtcp2_crypto_derive_and_install_rx_key : ngtcp2_crypto_derive_and_install_tx_key;
    return give_native(connection, nullptr, nullptr, nullptr, level, bytes, size);
  };
  if (receiving && give(receiving, true) != 0) return -1;
  return sending ? give(sending, false) : 0;
}

int update(ngtcp2_conn* connection, std::uint8_t* receiving_secret, std::uint8_t* sending_secret,
           ngtcp2_crypto_aead_ctx* receiving, std::uint8_t* receiving_iv, ngtcp2_crypto_aead_ctx* sending,
           std::uint8_t* sending_iv, const std::uint8_t* current_receiving_secret,
           const std::uint8_t* current_sending_secret, std::size_t size, void*) {
  Wiped<kMaxKey> receiving_key, sending_key;
  if (ngtcp2_crypto_update_key(connection, receiving_secret, sending_secret, receiving,
                               octets(MutableByteView(receiving_key)), receiving_iv, sending,
                               octets(MutableByteView(sending_key)), sending_iv, current_receiving_secret,
                               current_sending_secret, size) != 0)
    return NGTCP2_ERR_CALLBACK_FAILURE;
  if (!has_our_keys(connection)) return 0;
  const bool received = put_ours(*receiving, receiving_key), sent = put_ours(*sending, sending_key);
  if (received && sent) return 0;
  remove(connection, receiving, nullptr);
  remove(connection, sending, nullptr);
  return NGTCP2_ERR_CALLBACK_FAILURE;
}

int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
            const std::uint8_t* plain, std::size_t size, const std::uint8_t* nonce, std::size_t nonce_size,
            const std::uint8_t* aad, std::size_t aad_size) {
  const auto* key = key_of<const VectorGcm>(context->native_handle);
  if (!key) return ngtcp2_crypto_encrypt_cb(out, aead, context, plain, size, nonce, nonce_size, aad, aad_size);
  BOOST_ASSERT(nonce_size == kGcmNonce);
  key->seal(out, byte_view(plain, size), nonce, byte_view(aad, aad_size));
  return 0;
}

int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
            const std::uint8_t* sealed, std::size_t size, const std::uint8_t* nonce, std::size_t nonce_size,
            const std::uint8_t* aad, std::size_t aad_size) {
  const auto* key = key_of<const VectorGcm>(context->native_handle);
  if (!key) return ngtcp2_crypto_decrypt_cb(out, aead, context, sealed, size, nonce, nonce_size, aad, aad_size);
  BOOST_ASSERT(nonce_size == kGcmNonce);
  return key->open(out, byte_view(sealed, size), nonce, byte_view(aad, aad_size)) ? 0 : NGTCP2_ERR_DECRYPT;
}

int header_mask(std::uint8_t* out, const ngtcp2_crypto_cipher* cipher, const ngtcp2_crypto_cipher_ctx* context,
                const std::uint8_t* sample) {
  const auto* key = key_of<const VectorBlock>(context->native_handle);
  if (!key) return ngtcp2_crypto_hp_mask_cb(out, cipher, context, sample);
  std::array<std::uint8_t, kAesBlock> block;
  key->encrypt(block.data(), sample);
  std::copy_n(block.begin(), NGTCP2_HP_MASKLEN, out);
  return 0;
}

void remove(ngtcp2_conn* connection, ngtcp2_crypto_aead_ctx* context, void* user_data) {
  if (const auto* key = key_of<const VectorGcm>(context->native_handle)) {
    delete key;
    context->native_handle = nullptr;
  } else {
    ngtcp2_crypto_delete_crypto_aead_ctx_cb(connection, context, user_data);
  }
}

void remove_header_key(ngtcp2_conn* connection, ngtcp2_crypto_cipher_ctx* context, void* user_data) {
  if (const auto* key = key_of<const VectorBlock>(context->native_handle)) {
    delete key;
    context->native_handle = nullptr;
  } else {
    ngtcp2_crypto_delete_crypto_cipher_ctx_cb(connection, context, user_data);
  }
}

}  // namespace quicket::quic::packet_keys
