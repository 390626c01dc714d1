#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/relay_url.hpp>

#include "core/quic/tls.hpp"
#include "relay/forward/userspace_forwarder.hpp"
#include "relay/server/snapshot.hpp"
#include "relay/service/service.hpp"
#include "relay/table/limits.hpp"
#include "transports/udp/socket.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace quicket::relay {

struct EngineConfig;
class Pump;

struct RelayOptions {
  static constexpr std::uint16_t kDefaultPort = 4433;

  // Port 0 takes any. One IPv6 address that is unspecified takes IPv4 too, where no IPv4 address stands beside it.
  std::vector<Address> listen{Address().with_port(kDefaultPort), Address::from(Bytes(16), kDefaultPort).value()};
  std::shared_ptr<const quic::Credentials> credentials;  // certificate and key; their digest is the pin
  Bytes reset_secret;                                    // 32 bytes, the same after a restart
  Limits limits;
  ServiceOptions service;
  ForwardOptions forward;
  std::size_t max_connections = 10'000;  // of HTTP/3
  UdpOptions udp;
  std::size_t burst = 256;  // datagrams taken from one socket before others, and the timer, have their turn

  // on_failure hears that a socket cannot be used any more; the others go on.
  std::function<void(const Failure&)> on_failure;
};

// Relay is a whole relay on UDP sockets: HTTP/3 for those that register, and forwarding between them, on the same
// ports.
//
//   asio::io_context context;
//   auto relay = Relay::create(context.get_executor(), options);      // bound, silent
//   if (relay && (*relay)->start()) context.run();
//
// Nothing happens but in the executor's handlers, and in the calls below. Relays and other work may share an executor;
// forwarding waits while that work runs.
// Thread safety: none. Call all members, the destructor too, on the executor: one thread that runs it, or a strand.
class Relay {
 public:
  // create binds the sockets. Errors: the operating system's, with the address in question; errc::invalid_argument.
  static Outcome<std::unique_ptr<Relay>> create(boost::asio::any_io_executor executor, RelayOptions options);

  // The destructor is stop().
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // start begins to serve. Once. Errors: the operating system's.
  Result<void> start();
  // reconfigure takes other credentials, service options, numbers of connections, and limits but for their totals. The
  // rest of the options stays as it was at the start, and so do connections and registrations. Errors:
  // errc::invalid_argument, and nothing has changed.
  Result<void> reconfigure(RelayOptions options);
  // drain takes no more registrations and says goodbye to HTTP/3 clients; forwarding goes on. `drained` is called, from
  // the executor, when nobody is registered or connected any more, unless stop() comes first.
  void drain(std::function<void()> drained = {});
  // stop ends all at once and gives the ports free, silently: clients of a restarted relay learn it from stateless
  // resets.
  void stop();

  // is_serving: started, and not stopped. is_ready: and takes registrations.
  bool is_serving() const noexcept;
  bool is_ready() const noexcept { return is_serving() && !is_draining(); }
  bool is_draining() const noexcept;

  // local_addresses are those of RelayOptions::listen, IPv4 first, with the ports that were taken.
  const std::vector<Address>& local_addresses() const noexcept { return local_addresses_; }
  const RelayPin& pin() const noexcept { return pin_; }
  // url is what clients need, under this host name or IP address; port 0: that of the first local address.
  RelayUrl url(std::string host, std::uint16_t port = 0) const;

  RelaySnapshot snapshot() const;

 private:
  Relay(std::shared_ptr<Pump> pump, RelayPin pin);

  static EngineConfig engine_config(RelayOptions& options);

  std::shared_ptr<Pump> pump_;
  RelayPin pin_;
  std::vector<Address> local_addresses_;
};

}  // namespace quicket::relay
