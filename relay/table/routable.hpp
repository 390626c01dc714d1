#pragma once

#include <quicket/address.hpp>

namespace quicket::relay {

// is_routable says whether anything may ever be sent there: never to unspecified or multicast addresses or port 0; to
// loopback and link-local ones only with `allow_special`.
bool is_routable(const Address& remote, bool allow_special) noexcept;

}  // namespace quicket::relay
