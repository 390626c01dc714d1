#pragma once

#include <quicket/connection.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace quicket {

namespace detail {
struct ListenerHandle;
}

// Listener receives offers over carriers and answers them: see Endpoint::listen. The first copy of an offer counts,
// whichever carrier brings it. Destroying it cancels its carriers, which ends them; connections that were accepted
// stay. Thread safety: distinct objects, any thread; one object, one thread at a time, but several accept() may be
// under way at once.
class Listener {
 public:
  // Offers are answered as they come in, whether or not accept() waits. So many attempts and connections may wait to be
  // accepted; later offers wait in their carriers.
  static constexpr std::size_t kBacklog = 16;

  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  // accept waits for the next connection. Errors: kCarrierNothing (all carriers have ended), what the last carrier
  // failed with; with AcceptOptions::fail_on_refusal also why an offer was refused, or why the answered peer is not
  // connected: the listener goes on then. asio::error::operation_aborted: cancelled, or the endpoint is gone.
  boost::asio::awaitable<Connection> accept() const;

 private:
  friend class Endpoint;
  explicit Listener(std::shared_ptr<detail::ListenerHandle> handle) noexcept;

  std::shared_ptr<detail::ListenerHandle> handle_;
};

}  // namespace quicket
