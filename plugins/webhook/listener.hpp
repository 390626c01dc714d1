#pragma once

#include <cstdint>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/webhook/reception.hpp"

namespace quicket::plugin {

// Listener serves HTTP/1.1 on a TCP address, with TLS or without, in the thread of the caller: one request per
// connection, bounded in size, time and number (SourceLimits). What it borrows outlives it.
class Listener {
 public:
  // What a client takes longer for ends its connection. Milliseconds.
  static constexpr std::int64_t kRequestTime = 10'000;  // from connecting to the end of the request
  static constexpr std::int64_t kAnswerTime = 5'000;    // to take the answer
  static constexpr std::int64_t kFarewellTime = 2'000;  // to close
  static constexpr std::int64_t kLastWords = 300;       // for answers that are on their way when the listener is ended

  // `tls` may be null: plain HTTP.
  Listener(boost::asio::ip::tcp::endpoint address, boost::asio::ssl::context* tls, Reception& reception,
           const Host& host)
      : address_(std::move(address)), tls_(tls), reception_(reception), host_(host) {}

  // serve listens until it is ended, and hands offers to the host. Throws Cancelled, DeadlinePassed, Failed (the
  // address cannot be had).
  void serve(const Waiter& waiter, std::int64_t deadline, const OnOffer& on_offer);

 private:
  boost::asio::ip::tcp::endpoint address_;
  boost::asio::ssl::context* tls_;
  Reception& reception_;
  const Host& host_;
};

}  // namespace quicket::plugin
