#pragma once

#include <quicket/address.hpp>

#include <sys/socket.h>

#include <optional>

namespace quicket {

// SocketAddress is an Address as the socket calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

// to_socket_address writes `address` for a socket of `family`, AF_INET or AF_INET6; for the latter IPv4 becomes an
// IPv4-mapped address (RFC 4291 section 2.5.5.2). Nothing when an AF_INET socket cannot reach the address.
std::optional<SocketAddress> to_socket_address(const Address& address, int family) noexcept;

// from_socket_address reads what a socket call wrote. Nothing for another family.
std::optional<Address> from_socket_address(const sockaddr_storage& storage) noexcept;

}  // namespace quicket
