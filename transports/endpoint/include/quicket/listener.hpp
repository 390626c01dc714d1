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

  // accept waits for the next connection. An offer that is refused, or whose sender is not there any more, ends
  // nothing: others are answered meanwhile. Errors, once all carriers have ended: where no connection has come about,
  // why the latest offer led to none; else what a carrier failed with, or kCarrierNothing.
  // asio::error::operation_aborted: cancelled, or the endpoint is gone.
  boost::asio::awaitable<Connection> accept() const;

 private:
  friend class Endpoint;
  explicit Listener(std::shared_ptr<detail::ListenerHandle> handle) noexcept;

  std::shared_ptr<detail::ListenerHandle> handle_;
};

}  // namespace quicket
