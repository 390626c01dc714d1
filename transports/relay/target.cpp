#include "transports/relay/target.hpp"

namespace quicket::transports {

namespace {

bool is_ip(const std::string& host) { return Address::parse(host + ":0") || Address::parse('[' + host + "]:0"); }

}  // namespace

std::string RelayTarget::name() const {
  if (host.empty()) return addresses.empty() ? std::string() : addresses.front().to_string();
  return RelayUrl{.host = host, .port = port, .pins = {}}.authority();
}

std::string RelayTarget::server_name() const { return is_ip(host) ? std::string() : host; }

bool RelayTarget::is_complete() const noexcept {
  return !addresses.empty() && addresses.size() <= kMaxAddresses && pins.size() <= RelayUrl::kMaxPins &&
         !(pins.empty() && host.empty());
}

}  // namespace quicket::transports
