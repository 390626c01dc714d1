#pragma once

#include <cstddef>
#include <cstdint>

#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>

// Protection of packets (RFC 9001 section 5): callbacks of GnuTLS and ngtcp2. Keys of 1-RTT packets are ours where the
// handshake chose AES-128-GCM, as our own do, and vector_aes.hpp is there; all others are those of ngtcp2's GnuTLS
// helpers (docs/adr/0018). Internal to core/quic.
namespace quicket::quic::packet_keys {

// take_secrets is a gnutls_handshake_secret_func. It gives ngtcp2 the keys of an encryption level.
int take_secrets(gnutls_session_t session, gnutls_record_encryption_level_t level, const void* receiving,
                 const void* sending, std::size_t size);

int update(ngtcp2_conn* connection, std::uint8_t* receiving_secret, std::uint8_t* sending_secret,
           ngtcp2_crypto_aead_ctx* receiving, std::uint8_t* receiving_iv, ngtcp2_crypto_aead_ctx* sending,
           std::uint8_t* sending_iv, const std::uint8_t* current_receiving_secret,
           const std::uint8_t* current_sending_secret, std::size_t size, void* user_data);
int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
            const std::uint8_t* plain, std::size_t size, const std::uint8_t* nonce, std::size_t nonce_size,
            const std::uint8_t* aad, std::size_t aad_size);
int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
            const std::uint8_t* sealed, std::size_t size, const std::uint8_t* nonce, std::size_t nonce_size,
            const std::uint8_t* aad, std::size_t aad_size);
int header_mask(std::uint8_t* out, const ngtcp2_crypto_cipher* cipher, const ngtcp2_crypto_cipher_ctx* context,
                const std::uint8_t* sample);
void remove(ngtcp2_conn* connection, ngtcp2_crypto_aead_ctx* context, void* user_data);
void remove_header_key(ngtcp2_conn* connection, ngtcp2_crypto_cipher_ctx* context, void* user_data);

}  // namespace quicket::quic::packet_keys
