#include <quicket/listener.hpp>

#include "transports/endpoint/handles.hpp"
#include "transports/endpoint/wait_for.hpp"

#include <utility>

namespace quicket {

Listener::Listener(std::shared_ptr<detail::ListenerHandle> handle) noexcept : handle_(std::move(handle)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

boost::asio::awaitable<Connection> Listener::accept() const { return detail::accept_next(handle_); }

namespace detail {

ListenerHandle::~ListenerHandle() {
  asio::dispatch(endpoint->strand(), [endpoint = endpoint, listener = listener] { endpoint->forget(listener); });
}

std::shared_ptr<ListenerHandle> listen(const std::shared_ptr<EndpointState>& endpoint, std::vector<Carrier> carriers,
                                       AcceptOptions options) {
  auto listener =
      std::make_shared<ListenerState>(endpoint->strand(), *endpoint, std::move(options), Listener::kBacklog);
  asio::dispatch(endpoint->strand(), [endpoint, listener, carriers = std::move(carriers)]() mutable {
    endpoint->start(listener, std::move(carriers));
  });
  return std::make_shared<ListenerHandle>(endpoint, std::move(listener));
}

asio::awaitable<Connection> accept_next(const std::shared_ptr<ListenerHandle>& handle) {
  return wait_for<Connection>([handle](auto handler) {
    const auto& listener = handle->listener;
    const Strand& strand = handle->endpoint->strand();
    const OperationId id = handle->endpoint->next_operation();
    on_cancel(handler, [weak_endpoint = std::weak_ptr(handle->endpoint), weak = std::weak_ptr(listener), id] {
      const auto endpoint = weak_endpoint.lock();
      const auto alive = weak.lock();
      if (endpoint && alive) asio::dispatch(endpoint->strand(), [endpoint, alive, id] { alive->cancel(id); });
    });
    Pending<Outcome<Connection>> pending(std::move(handler), strand);
    asio::dispatch(strand, [endpoint = handle->endpoint, listener, id, pending = std::move(pending)]() mutable {
      listener->accept(id, std::move(pending));
    });
  });
}

}  // namespace detail

}  // namespace quicket
