#pragma once

#include <quicket/address.hpp>
#include <quicket/relay_url.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace quicket {

// SessionSecret is known to both peers of one dial, and to nobody else where the offer was sealed. What relays and
// connectivity checks are given derives from it.
using SessionSecret = std::array<std::byte, 32>;

// RelayHint names one machine at which both peers meet.
struct RelayHint {
  std::vector<Address> addresses;  // 1 to 4: where the dialer reached it, then the public ones that it told
  std::optional<RelayPin> pin;
  std::string host;        // for the web's PKI: set exactly when there is no pin
  std::string peer_token;  // for the accepter to present; usually empty

  friend bool operator==(const RelayHint&, const RelayHint&) = default;
};

}  // namespace quicket
