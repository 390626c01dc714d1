#pragma once

#include <boost/asio/execution_context.hpp>

#include <mutex>
#include <set>

namespace quicket::detail {

class EndpointState;

// EndpointRegistry knows the endpoints that run on one execution context, to end them before it goes: what waits in an
// endpoint may itself hold the endpoint, as a coroutine does. Thread safety: any thread.
class EndpointRegistry final : public boost::asio::execution_context::service {
 public:
  using key_type = EndpointRegistry;
  static boost::asio::execution_context::id id;

  explicit EndpointRegistry(boost::asio::execution_context& context) : service(context) {}

  void add(EndpointState& endpoint);
  void remove(EndpointState& endpoint);

 private:
  void shutdown() override;

  std::mutex mutex_;
  std::set<EndpointState*> endpoints_;
};

}  // namespace quicket::detail
