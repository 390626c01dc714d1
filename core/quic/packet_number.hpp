#pragma once

#include <cstdint>

namespace quicket::quic {

// decode_packet_number gives the whole packet number whose low `bits` (8, 16, 24 or 32) are `truncated` and that is
// nearest to `expected`, which is one above the largest so far (RFC 9000 appendix A.3).
constexpr std::uint64_t decode_packet_number(std::uint64_t expected, std::uint64_t truncated, unsigned bits) {
  const std::uint64_t window = std::uint64_t{1} << bits, half = window / 2;
  const std::uint64_t candidate = (expected & ~(window - 1)) | truncated;
  if (candidate + half <= expected) return candidate + window;
  if (candidate > expected + half && candidate >= window) return candidate - window;
  return candidate;
}

}  // namespace quicket::quic
