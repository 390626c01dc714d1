#pragma once

#include <quicket/clock.hpp>
#include <quicket/endpoint.hpp>

#include "relay/server/relay.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quicket::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kPatience = 20s;  // what works takes milliseconds

// Task is a coroutine that runs beside the test.
template <class T>
class Task {
 public:
  Task(asio::io_context& context, asio::awaitable<T> coroutine) : context_(context) {
    asio::co_spawn(context, keep(std::move(coroutine), state_), asio::detached);
  }

  bool is_done() const { return state_->done; }

  // get runs the context until the coroutine is done, and gives its result or throws what it threw.
  T get() {
    wait();
    if (state_->thrown) std::rethrow_exception(state_->thrown);
    if constexpr (!std::is_void_v<T>) return *std::move(state_->value);
  }
  // error runs the context until the coroutine is done, and gives the code that it threw; none: it did not.
  error_code error() {
    try {
      get();
    } catch (const boost::system::system_error& error) {
      what_ = error.what();
      return error.code();
    }
    return {};
  }
  const std::string& what() const { return what_; }  // of error()

 private:
  struct State {
    bool done = false;
    std::exception_ptr thrown;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
  };

  static asio::awaitable<void> keep(asio::awaitable<T> coroutine, std::shared_ptr<State> state) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(coroutine);
      } else {
        T value = co_await std::move(coroutine);
        state->value.emplace(std::move(value));
      }
    } catch (...) {
      state->thrown = std::current_exception();
    }
    state->done = true;
  }
  void wait() {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    context_.restart();
    asio::steady_timer alarm(context_, give_up);
    alarm.async_wait([](const error_code&) {});
    while (!state_->done) {
      if (std::chrono::steady_clock::now() >= give_up || context_.run_one() == 0)
        throw std::runtime_error("nothing more happens");
    }
  }

  asio::io_context& context_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::string what_;
};

// World is a relay and two peers who trust each other, on loopback.
class World {
 public:
  World() : relay_options_(make_relay_options()) { start_relay(); }

  asio::io_context context;
  std::unique_ptr<relay::Relay> relay;
  Identity alice = Identity::generate(), bob = Identity::generate();

  EndpointOptions options(const Identity& own, const Identity& peer) const {
    EndpointOptions options{.identity = own, .protocols = {"test/1"}, .bind = Address::loopback(0)};
    EXPECT_TRUE(options.trust.add("peer", peer.id()));
    options.relays = {relay_url_};
    options.allow_private_relays = true;
    return options;
  }
  EndpointOptions alice_options() const { return options(alice, bob); }
  EndpointOptions bob_options() const { return options(bob, alice); }
  Endpoint endpoint(EndpointOptions options) {
    return Endpoint::create(context.get_executor(), std::move(options)).value();
  }

  template <class T>
  Task<T> spawn(asio::awaitable<T> coroutine) {
    return Task<T>(context, std::move(coroutine));
  }

  // connect gives both ends of a new connection, the dialer's first.
  std::pair<Connection, Connection> connect(const Endpoint& dialer, const Endpoint& accepter) {
    std::optional<Task<Connection>> accepted;
    auto send = [&](ByteView offer) {
      accepted.emplace(context, accepter.accept_offer(to_bytes(offer), AcceptOptions()));
    };
    Task<Connection> dialed(context, dialer.dial_with(accepter.id(), send, DialOptions()));
    Connection mine = dialed.get();
    return {std::move(mine), accepted->get()};
  }

  // run_until lets things happen until `done`. False: they did not.
  template <class Done>
  bool run_until(Done done) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    context.restart();
    asio::steady_timer alarm(context, give_up);
    alarm.async_wait([](const error_code&) {});
    while (!done()) {
      if (std::chrono::steady_clock::now() >= give_up || context.run_one() == 0) return done();
    }
    return true;
  }

 private:
  static relay::RelayOptions make_relay_options() {
    const auto pem = quic::make_self_signed({"localhost"}).value();
    relay::RelayOptions options;
    options.listen = {Address::loopback(0)};
    options.credentials = quic::Credentials::from_pem(as_bytes(pem.certificate), as_bytes(pem.key)).value();
    options.reset_secret = Bytes(32, std::byte{5});
    options.limits.allow_special = true;
    return options;
  }
  void start_relay() {
    relay = relay::Relay::create(context.get_executor(), relay_options_).value();
    EXPECT_TRUE(relay->start());
    relay_url_ = relay->url("127.0.0.1");
  }

  relay::RelayOptions relay_options_;
  RelayUrl relay_url_;
};

}  // namespace quicket::test
