#pragma once

#include <quicket/address.hpp>

namespace quicket {

// quota_address is the client that an address counts for where clients are to share: the IPv4 address or the IPv6 /64,
// with port 0.
Address quota_address(const Address& address) noexcept;

}  // namespace quicket
