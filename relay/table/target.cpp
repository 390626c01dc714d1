#include "relay/table/target.hpp"

namespace quicket::relay {

namespace {

bool is_routable(const Address& remote, bool allow_special) noexcept {
  if (remote.port() == 0 || remote.is_unspecified() || remote.is_multicast()) return false;
  return allow_special || !(remote.is_loopback() || remote.is_link_local());
}

}  // namespace

Party party_of(const Target& target) noexcept {
  if (const auto* addresses = std::get_if<AddressPair>(&target)) return addresses->remote;
  return *std::get_if<TunnelId>(&target);
}

bool is_routable(const Target& target, bool allow_special) noexcept {
  const auto* addresses = std::get_if<AddressPair>(&target);
  return addresses == nullptr || is_routable(addresses->remote, allow_special);
}

}  // namespace quicket::relay
