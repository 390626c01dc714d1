#include "relay/table/routable.hpp"

namespace quicket::relay {

bool is_routable(const Address& remote, bool allow_special) noexcept {
  if (remote.port() == 0 || remote.is_unspecified() || remote.is_multicast()) return false;
  return allow_special || !(remote.is_loopback() || remote.is_link_local());
}

}  // namespace quicket::relay
