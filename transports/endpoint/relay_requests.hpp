#pragma once

#include <quicket/carrier_host.hpp>

#include "transports/endpoint/driver.hpp"
#include "transports/endpoint/relay_addresses.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace quicket::detail {

// RelayRequests lets carriers ask relays by the endpoint's sessions with them: HostServices::relay_request.
// Thread safety: all on the strand, but the function that service() gives.
class RelayRequests {
 public:
  static constexpr std::size_t kMost = 64;  // at once; more are refused

  RelayRequests(Driver& driver, Duration patience);
  ~RelayRequests() { end(); }
  RelayRequests(const RelayRequests&) = delete;
  RelayRequests& operator=(const RelayRequests&) = delete;

  // service may be called from any thread, and outlive this object: then it fails with kCancelled.
  std::function<Result<CarrierRelayResponse>(const CarrierRelayRequest&)> service() const;
  // on_pumped hands out what has come.
  void on_pumped();
  // end cancels what is under way, and whatever is asked for later.
  void end();

 private:
  struct Ticket;  // where the carrier's thread waits
  struct Gate;    // the way from the carriers' threads to the strand
  struct Entry {
    std::shared_ptr<Ticket> ticket;
    CarrierRelayRequest request;
    RelayAddresses addresses;
    std::optional<transports::Node::NodeExchange> exchange;
  };
  using Entries = std::list<Entry>;

  void begin(CarrierRelayRequest request, const std::shared_ptr<Ticket>& ticket);
  void send(Entries::iterator entry, const Outcome<std::vector<transports::RelayTarget>>& relays);
  void cancel(const std::shared_ptr<Ticket>& ticket);
  void finish(Entries::iterator entry, Result<CarrierRelayResponse> answer);

  Driver& driver_;
  Duration patience_;
  std::shared_ptr<Gate> gate_;
  Entries entries_;
};

}  // namespace quicket::detail
