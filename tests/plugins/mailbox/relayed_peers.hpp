#pragma once

#include <quicket/carrier.h>

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "tests/transports/endpoint/world.hpp"

namespace quicket::test {

// RelayedPeers are a relay and two endpoints, all of which run in a thread of their own.
class RelayedPeers {
 public:
  RelayedPeers() : runner_([this] { world_.context.run(); }) {}
  ~RelayedPeers() {
    work_.reset();
    world_.context.stop();
    runner_.join();
  }
  RelayedPeers(const RelayedPeers&) = delete;
  RelayedPeers& operator=(const RelayedPeers&) = delete;

  PeerId alice() const { return world_.alice.id(); }
  PeerId bob() const { return world_.bob.id(); }
  const std::string& relay() const { return relay_; }

  // ask lets one of them ask a relay for a carrier, as the host of a carrier does. A quicket_carrier_status.
  int ask(bool as_bob, quicket_relay_exchange& exchange, const std::stop_token& stop) const {
    CarrierRelayRequest request{.method = exchange.method, .path = exchange.path};
    if (exchange.content_type != nullptr) request.content_type = exchange.content_type;
    request.body = to_bytes(byte_view(exchange.body, exchange.body_size));
    request.sign_as_peer = exchange.sign_as_peer != 0;
    request.deadline = TimePoint(std::chrono::milliseconds(exchange.deadline_ms));
    request.relay = exchange.relay;
    request.cancel = stop;
    const auto answer = (as_bob ? bobs_ : alices_).relay_request(request);
    if (!answer && answer.error() == Errc::kCancelled) return QUICKET_CARRIER_CANCELLED;
    if (!answer && answer.error() == Errc::kHttpDeadline) return QUICKET_CARRIER_DEADLINE;
    if (!answer) return QUICKET_CARRIER_FAILED;
    exchange.status = answer->status;
    return give(exchange, answer->body);
  }
  // give puts the body of an answer into the exchange.
  static int give(quicket_relay_exchange& exchange, ByteView body) {
    exchange.response.size = body.size();
    if (body.size() > exchange.response.capacity) return QUICKET_CARRIER_TOO_LARGE;
    std::copy_n(octets(body), body.size(), exchange.response.data);
    return QUICKET_CARRIER_OK;
  }

 private:
  World world_;
  std::string relay_ = world_.relay->url("127.0.0.1").to_string();
  Endpoint endpoint_of_alice_ = world_.endpoint(world_.alice_options()),
           endpoint_of_bob_ = world_.endpoint(world_.bob_options());
  HostServices alices_ = endpoint_of_alice_.carrier_services(), bobs_ = endpoint_of_bob_.carrier_services();
  asio::executor_work_guard<asio::io_context::executor_type> work_{world_.context.get_executor()};
  std::thread runner_;
};

}  // namespace quicket::test
