#pragma once

#include <quicket/bytes.hpp>

#include <array>

namespace quicket {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(ByteView message);

// hmac_sha256 is HMAC-SHA256 (RFC 2104) under a key of any length.
Sha256 hmac_sha256(ByteView key, ByteView message);

// hkdf_sha256 is HKDF-SHA256 (RFC 5869), extract and expand; `size` is at most kMaxHkdf bytes.
constexpr std::size_t kMaxHkdf = 255 * 32;
Bytes hkdf_sha256(ByteView secret, ByteView info, std::size_t size, ByteView salt = {});

// equal_in_constant_time compares secrets: its time tells nothing but their sizes.
bool equal_in_constant_time(ByteView a, ByteView b) noexcept;

// random_fill draws from the system's random source. Thread safety: any thread.
void random_fill(MutableByteView bytes);

// wipe overwrites a secret in a way that is not optimized away.
void wipe(MutableByteView bytes) noexcept;

}  // namespace quicket
