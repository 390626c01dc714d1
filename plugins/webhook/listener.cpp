#include "plugins/webhook/listener.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <string>

#include "plugins/webhook/conversation.hpp"
#include "plugins/webhook/source_limits.hpp"

namespace quicket::plugin {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kLook{1'000};  // between two looks at the deadline, and after a failed accept

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Serving is one call of Listener::serve().
class Serving {
 public:
  Serving(const tcp::endpoint& address, asio::ssl::context* tls, Reception& reception, const Host& host,
          const OnOffer& on_offer)
      : tls_(tls), reception_(reception), host_(host), on_offer_(on_offer), acceptor_(open(address)) {}

  void run(const Waiter& waiter, std::int64_t deadline) {
    const std::string scheme = tls_ == nullptr ? "http" : "https";
    host_.log(QUICKET_LOG_INFO, "listening on " + scheme + "://" + text_of(acceptor_.local_endpoint()));
    asio::posix::stream_descriptor cancelled(context_, ::dup(waiter.cancel_descriptor()));
    cancelled.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code) { end(); });
    asio::co_spawn(context_, watch_deadline(deadline), asio::detached);
    asio::co_spawn(context_, accept(), asio::detached);
    context_.run();
    ended_ = true;
    waiter.pause(0, deadline);  // says why it ended
    throw Failed("the listener has ended");
  }

 private:
  static std::string text_of(const tcp::endpoint& address) {
    const std::string host = address.address().to_string();
    return (address.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(address.port());
  }

  tcp::acceptor open(const tcp::endpoint& address) {
    try {
      return {context_, address, true};
    } catch (const boost::system::system_error& error) {
      throw Failed("cannot listen on " + text_of(address) + ": " + error.code().message());
    }
  }

  asio::awaitable<void> watch_deadline(std::int64_t deadline) {
    asio::steady_timer timer(context_);
    while (deadline != 0 && host_.now() < deadline) {
      // While the machine sleeps, the host's clock goes on and the timer's stands.
      timer.expires_after(
          std::min<std::chrono::milliseconds>(kLook, std::chrono::milliseconds(deadline - host_.now())));
      co_await timer.async_wait(kWait);
    }
    if (deadline != 0) end();
  }

  asio::awaitable<void> accept() {
    asio::steady_timer timer(context_);
    while (!ending_) {
      auto [error, socket] = co_await acceptor_.async_accept(kWait);
      if (ending_) co_return;
      if (error) {  // no descriptors left, or the client is gone again
        if (error == asio::error::connection_aborted) continue;
        timer.expires_after(kLook);
        co_await timer.async_wait(kWait);
        continue;
      }
      error_code gone;
      const asio::ip::address source = socket.remote_endpoint(gone).address();
      if (gone || !limits_.open(source, host_.now())) continue;
      auto serving = serve(std::move(socket), source);
      asio::co_spawn(context_, std::move(serving), asio::detached);
    }
  }

  asio::awaitable<void> serve(tcp::socket socket, asio::ip::address source) {
    struct Counted {
      SourceLimits& limits;
      const asio::ip::address& source;
      ~Counted() { limits.close(source); }
    };
    const Counted counted{limits_, source};
    Desk desk;
    desk.tls = tls_;
    desk.judge_header = [this, &source](const Reception::Header& header) { return judge_header(header, source); };
    desk.judge = [this](const Reception::Request& request) {
      if (ending_) return Reception::Answer{503, "the listener ends"};
      return reception_.receive(request, unix_seconds(), on_offer_);
    };
    desk.answering = [this](int change) {
      answers_due_ += change;
      if (ending_ && !ended_ && answers_due_ == 0) context_.stop();
    };
    co_await converse(std::move(socket), desk);
  }

  std::optional<Reception::Answer> judge_header(const Reception::Header& header, const asio::ip::address& source) {
    if (const auto wait = limits_.request(source, host_.now())) {
      return Reception::Answer{429, "too many requests", (*wait + 999) / 1'000};
    }
    return reception_.judge_header(header);
  }

  // end stops listening, and everything once the answers that are due have gone out.
  void end() {
    if (ending_) return;
    ending_ = true;
    if (answers_due_ == 0) return context_.stop();
    last_words_.expires_after(std::chrono::milliseconds(Listener::kLastWords));
    last_words_.async_wait([this](error_code) { context_.stop(); });
  }

  asio::ssl::context* tls_;
  Reception& reception_;
  const Host& host_;
  const OnOffer& on_offer_;
  SourceLimits limits_;
  bool ending_ = false;  // no new connections
  bool ended_ = false;   // run() is over; what is left is only destroyed
  int answers_due_ = 0;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer last_words_{context_};
};

}  // namespace

void Listener::serve(const Waiter& waiter, std::int64_t deadline, const OnOffer& on_offer) {
  Serving(address_, tls_, reception_, host_, on_offer).run(waiter, deadline);
}

}  // namespace quicket::plugin
