#pragma once

#include <quicket/connection.hpp>

#include "transports/endpoint/endpoint_state.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace quicket::detail {

// ListenerHandle is a Listener's. It stops the listening at its end.
struct ListenerHandle {
  ListenerHandle(std::shared_ptr<EndpointState> owner, std::shared_ptr<ListenerState> state)
      : endpoint(std::move(owner)), listener(std::move(state)) {}
  ListenerHandle(const ListenerHandle&) = delete;
  ListenerHandle& operator=(const ListenerHandle&) = delete;
  ~ListenerHandle();

  std::shared_ptr<EndpointState> endpoint;
  std::shared_ptr<ListenerState> listener;
};

// listen starts to receive.
std::shared_ptr<ListenerHandle> listen(const std::shared_ptr<EndpointState>& endpoint, std::vector<Carrier> carriers,
                                       AcceptOptions options);
// accept_next is Listener::accept().
asio::awaitable<Connection> accept_next(const std::shared_ptr<ListenerHandle>& handle);

}  // namespace quicket::detail
