#pragma once

#include <quicket/error.hpp>

#include "transports/endpoint/pending.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <utility>

namespace quicket::detail {

// wait_for is an operation as a coroutine: `start` begins it with the handler that it is to complete. A failure is
// thrown.
template <class T>
asio::awaitable<T> wait_for(std::function<void(typename Pending<Outcome<T>>::Handler)> start) {
  auto initiation = [start = std::move(start)](auto handler) {
    start(typename Pending<Outcome<T>>::Handler(std::move(handler)));
  };
  auto operation = asio::async_initiate<const asio::use_awaitable_t<>&, void(Outcome<T>)>(std::move(initiation),
                                                                                          asio::use_awaitable);
  Outcome<T> outcome = co_await std::move(operation);
  if (!outcome) outcome.error().raise();
  if constexpr (!std::is_void_v<T>) co_return std::move(*outcome);
}

}  // namespace quicket::detail
