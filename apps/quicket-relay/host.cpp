#include "apps/quicket-relay/host.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>

namespace quicket::relayd {

std::optional<Address> outgoing_address(bool v4) {
  namespace ip = boost::asio::ip;
  // Addresses of documentation (RFC 5737, RFC 3849): routed like any other, and nobody's.
  const ip::udp::endpoint anywhere(ip::make_address(v4 ? "192.0.2.1" : "2001:db8::1"), 9);
  boost::asio::io_context context;
  ip::udp::socket socket(context);
  error_code error;
  socket.connect(anywhere, error);
  if (error) return std::nullopt;
  const auto local = socket.local_endpoint(error);
  if (error) return std::nullopt;
  const auto address =
      Address::parse(v4 ? local.address().to_string() + ":0" : "[" + local.address().to_string() + "]:0");
  if (!address || address->is_unspecified() || address->is_link_local()) return std::nullopt;
  return *address;
}

Host choose_host(const Config& config, const std::function<std::optional<Address>(bool v4)>& outgoing) {
  const auto& announced = config.public_addresses;
  Host host;
  if (!announced.empty()) host.port = announced.front().port();
  if (!config.host.empty() || !announced.empty()) {
    host.name = config.host.empty() ? announced.front().ip_string() : config.host;
    return host;
  }
  std::optional<Address> own;
  const auto named = std::ranges::find_if_not(config.listen, &Address::is_unspecified);
  if (named != config.listen.end()) own = *named;
  for (const bool v4 : {true, false}) {  // an unspecified IPv6 address takes IPv4 too
    if (!own) own = outgoing(v4);
  }
  if (!own) own = Address::loopback(0);
  host.name = own->ip_string();
  host.is_private = named == config.listen.end() && (own->is_private() || own->is_loopback());
  return host;
}

}  // namespace quicket::relayd
