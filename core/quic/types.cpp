#include "core/quic/types.hpp"

#include <array>

namespace quicket::quic {

namespace {

// Addresses in the discard-only prefix 100::/64 (RFC 6666): they never reach a wire.
Address synthetic(std::uint32_t number) {
  std::array<std::byte, 16> ip{std::byte{1}};
  for (std::size_t i = 0; i < 4; ++i) ip[12 + i] = std::byte(number >> (24 - 8 * i));
  return Address::from(ip, 1).value();
}

}  // namespace

Path label_path(std::uint32_t label) noexcept {
  static const Address remote = synthetic(0xffff'ffff);
  return {.local = synthetic(label), .remote = remote};
}

}  // namespace quicket::quic
