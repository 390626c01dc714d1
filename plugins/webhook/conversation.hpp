#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "plugins/webhook/reception.hpp"

namespace quicket::plugin {

// What a conversation needs of its listener. `judge` is called for each whole request, `admit` before.
struct Desk {
  boost::asio::ssl::context* tls;  // null: plain HTTP
  std::function<std::optional<Reception::Answer>(const Reception::Header&)> judge_header;
  std::function<Reception::Answer(const Reception::Request&)> judge;
  std::function<void(int)> answering;  // +1: an answer is due, -1: it has been sent
};

// converse has one conversation on a connection that was accepted: a handshake, a request, an answer, a farewell. It
// never throws for what the other side does. `desk` is borrowed.
boost::asio::awaitable<void> converse(boost::asio::ip::tcp::socket socket, const Desk& desk);

}  // namespace quicket::plugin
