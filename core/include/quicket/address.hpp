#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace quicket {

// Address is a UDP transport address: IPv4 or IPv6, and a port. A value; compares by content.
// IPv4-mapped IPv6 addresses are stored as IPv4, so that one host has one Address.
class Address {
 public:
  // Address() is unspecified: 0.0.0.0:0.
  Address() = default;

  // from takes 4 or 16 bytes in network order. Errors: errc::invalid_argument for another length.
  static Result<Address> from(ByteView ip, std::uint16_t port);

  // parse reads "192.0.2.1:443" or "[2001:db8::1]:443". Errors: errc::invalid_argument.
  static Result<Address> parse(std::string_view text);

  static Address loopback(std::uint16_t port) noexcept;

  bool is_v4() const noexcept { return v4_; }
  ByteView ip() const noexcept { return {ip_.data(), v4_ ? 4u : 16u}; }
  std::uint16_t port() const noexcept { return port_; }
  Address with_port(std::uint16_t port) const noexcept;

  // Kinds of addresses (RFC 6890).
  bool is_unspecified() const noexcept;
  bool is_loopback() const noexcept;
  bool is_link_local() const noexcept;
  bool is_multicast() const noexcept;  // and the IPv4 broadcast address
  bool is_private() const noexcept;    // RFC 1918, RFC 6598 and unique local (RFC 4193)

  // to_string gives what parse reads.
  std::string to_string() const;
  // ip_string is the address without its port and brackets.
  std::string ip_string() const;

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  std::array<std::byte, 16> ip_{};  // IPv4 in the first four bytes, the rest zero
  std::uint16_t port_ = 0;
  bool v4_ = true;
};

// AddressPair is a 4-tuple seen from this host. A local address with an unspecified IP means: the socket's own choice.
struct AddressPair {
  Address local;
  Address remote;
  friend auto operator<=>(const AddressPair&, const AddressPair&) = default;
};

}  // namespace quicket
