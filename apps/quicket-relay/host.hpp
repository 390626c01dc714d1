#pragma once

#include <quicket/address.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apps/quicket-relay/config.hpp"

namespace quicket::relayd {

// outgoing_address is the address that this machine sends from to the public internet; nothing when it has no such
// route. No packet is sent. The port is 0.
std::optional<Address> outgoing_address(bool v4);

// Host is the host of the relay's URL.
struct Host {
  std::string name;
  std::uint16_t port = 0;   // 0: the one that the relay listens on
  bool is_private = false;  // a guess that clients elsewhere cannot reach
};

// choose_host takes what is configured: --host, the first public address, an address to listen on; else this machine's
// own, given by `outgoing`.
Host choose_host(const Config& config,
                 const std::function<std::optional<Address>(bool v4)>& outgoing = outgoing_address);

}  // namespace quicket::relayd
