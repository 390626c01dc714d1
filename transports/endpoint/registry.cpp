#include "transports/endpoint/registry.hpp"

#include "transports/endpoint/endpoint_state.hpp"

#include <utility>

namespace quicket::detail {

boost::asio::execution_context::id EndpointRegistry::id;

void EndpointRegistry::add(EndpointState& endpoint) {
  const std::lock_guard lock(mutex_);
  endpoints_.insert(&endpoint);
}

void EndpointRegistry::remove(EndpointState& endpoint) {
  const std::lock_guard lock(mutex_);
  endpoints_.erase(&endpoint);
}

void EndpointRegistry::shutdown() {
  // One by one: what an endpoint lets go of may be another one's last owner.
  for (;;) {
    std::shared_ptr<EndpointState> endpoint;
    {
      const std::lock_guard lock(mutex_);
      if (endpoints_.empty()) return;
      endpoint = (*endpoints_.begin())->shared_from_this();
      endpoints_.erase(endpoints_.begin());
    }
    endpoint->registry_ = nullptr;
    endpoint->drop();
  }
}

}  // namespace quicket::detail
