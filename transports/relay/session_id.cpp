#include "transports/relay/session_id.hpp"

#include "core/base/hash.hpp"

#include <algorithm>
#include <string_view>

namespace quicket::transports {

RelaySessionId relay_session_id(const SessionSecret& secret, const std::optional<RelayPin>& pin,
                                const std::string& host) {
  constexpr std::string_view kContext = "quicket relay 1";
  Bytes info = to_bytes(as_bytes(kContext));
  const ByteView relay = pin ? ByteView(*pin) : as_bytes(host);
  info.insert(info.end(), relay.begin(), relay.end());
  RelaySessionId id;
  std::ranges::copy(hkdf_sha256(secret, info, id.size()), id.begin());
  return id;
}

}  // namespace quicket::transports
