#pragma once

#include <quicket/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace quicket::quic {

// AES-128 by the processor's vectors. Built as vector_aes.cpp with intel-ipsec-mb, as vector_aes_absent.cpp for
// processors that it is not for. Internal to core/quic.
constexpr std::size_t kAes128Key = 16, kAesBlock = 16, kGcmTag = 16, kGcmNonce = 12;

// has_vector_aes tells whether this processor has what the following need.
bool has_vector_aes() noexcept;

// VectorGcm is AES-128-GCM with one key (RFC 5116 section 5.1). Nonces have 12 bytes, tags 16.
class VectorGcm {
 public:
  virtual ~VectorGcm() = default;
  // seal writes the ciphertext and its tag, 16 bytes more than `plain`, which may be at the same place.
  virtual void seal(std::uint8_t* out, ByteView plain, const std::uint8_t* nonce, ByteView aad) const noexcept = 0;
  // open is its inverse. False: the tag is not that of these bytes, and what was written to `out` is worth nothing.
  [[nodiscard]] virtual bool open(std::uint8_t* out, ByteView sealed, const std::uint8_t* nonce,
                                  ByteView aad) const noexcept = 0;
};

// VectorBlock is AES-128 of single blocks with one key.
class VectorBlock {
 public:
  virtual ~VectorBlock() = default;
  virtual void encrypt(std::uint8_t* out, const std::uint8_t* block) const noexcept = 0;
};

// They make one for a key of 16 bytes. nullptr: out of memory, or there is no vector AES.
std::unique_ptr<VectorGcm> make_vector_gcm(ByteView key) noexcept;
std::unique_ptr<VectorBlock> make_vector_block(ByteView key) noexcept;

}  // namespace quicket::quic
