#pragma once

#include <quicket/address.hpp>
#include <quicket/relay_url.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace quicket::transports {

// RelayTarget says where one relay is and how to know it. A value.
struct RelayTarget {
  static constexpr std::size_t kMaxAddresses = 8;

  std::vector<Address> addresses;  // 1 to kMaxAddresses, of one machine, best first
  std::vector<RelayPin>
      pins;          // at most RelayUrl::kMaxPins; any of them will do. None: `host` is checked against the web's PKI
  std::string host;  // as RelayUrl has it; may be empty when there are pins
  std::uint16_t port = RelayUrl::kDefaultPort;  // of the URL; each address has its own

  // name is for messages: the host with its port, or the first address.
  std::string name() const;
  // authority is what HTTP calls the relay (RFC 9114 section 4.3.1).
  std::string authority() const { return name(); }
  // server_name is for SNI: empty when the host is an IP address (RFC 6066 section 3).
  std::string server_name() const;
  // is_complete: an address, not too many of anything, and something to know the relay by.
  bool is_complete() const noexcept;
};

}  // namespace quicket::transports
