#include "core/base/quota_address.hpp"

#include <algorithm>
#include <array>

namespace quicket {

Address quota_address(const Address& address) noexcept {
  if (address.is_v4()) return address.with_port(0);
  constexpr std::size_t kPrefix = 8;  // bytes: what one site or host is commonly given
  std::array<std::byte, 16> ip{};
  std::ranges::copy(address.ip().first(kPrefix), ip.begin());
  return *Address::from(ip, 0);
}

}  // namespace quicket
