#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

// RelayPin is the first 16 bytes of SHA-256 over a relay certificate's SubjectPublicKeyInfo.
using RelayPin = std::array<std::byte, 16>;

// RelayUrl says where a relay is and how to know it: https://HOST:PORT#pin=BASE64URL[,BASE64URL...]. A value.
// Without a pin the host name is checked against the web's PKI.
struct RelayUrl {
  static constexpr std::uint16_t kDefaultPort = 443;
  static constexpr std::size_t kMaxPins = 4;

  std::string host;  // name, IPv4 address, or IPv6 address without brackets
  std::uint16_t port = kDefaultPort;
  std::vector<RelayPin> pins;

  // parse is strict: scheme https, no user, path, query or unknown fragment. Errors: kRelayUrlMalformed.
  static Result<RelayUrl> parse(std::string_view text);
  std::string to_string() const;
  // authority is HOST:PORT, with brackets around an IPv6 address.
  std::string authority() const;

  friend auto operator<=>(const RelayUrl&, const RelayUrl&) = default;
};

}  // namespace quicket
