#include "transports/udp/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace quicket {

std::optional<SocketAddress> to_socket_address(const Address& address, int family) noexcept {
  SocketAddress result;
  if (family == AF_INET) {
    if (!address.is_v4()) return std::nullopt;
    auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    std::memcpy(&v4.sin_addr, address.ip().data(), 4);
    result.size = sizeof v4;
    return result;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port());
  if (address.is_v4()) {
    v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xff;
    std::memcpy(&v6.sin6_addr.s6_addr[12], address.ip().data(), 4);
  } else {
    std::memcpy(&v6.sin6_addr, address.ip().data(), 16);
  }
  result.size = sizeof v6;
  return result;
}

std::optional<Address> from_socket_address(const sockaddr_storage& storage) noexcept {
  Result<Address> address;
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    address = Address::from(std::as_bytes(std::span(&v4.sin_addr, 1)), ntohs(v4.sin_port));
  } else if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    address = Address::from(std::as_bytes(std::span(&v6.sin6_addr, 1)), ntohs(v6.sin6_port));
  } else {
    return std::nullopt;
  }
  return *address;
}

}  // namespace quicket
