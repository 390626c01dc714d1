#pragma once

#include <quicket/stream.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include <utility>

namespace quicket {

// async_teardown lets Beast's WebSocket run over a Stream: it ends the stream after the closing handshake. What was
// written is still sent; what comes later is of no interest. Found by argument-dependent lookup.
template <class TeardownHandler>
void async_teardown(boost::beast::role_type, Stream& stream, TeardownHandler&& handler) {
  stream.shutdown_send();
  stream.stop_sending(0);
  boost::asio::post(stream.get_executor(), [handler = std::forward<TeardownHandler>(handler)]() mutable {
    const auto executor = boost::asio::get_associated_executor(handler);
    boost::asio::dispatch(executor, [handler = std::move(handler)]() mutable { std::move(handler)(error_code()); });
  });
}

// beast_close_socket is what Beast's time limits do to a stream.
inline void beast_close_socket(Stream& stream) {
  stream.reset(0);
  stream.stop_sending(0);
}

}  // namespace quicket
