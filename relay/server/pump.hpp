#pragma once

#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "relay/engine/engine.hpp"
#include "relay/server/ports.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace quicket::relay {

// Pump moves datagrams and time between sockets and the engine. It lives as long as one of its waits does; stop()
// closes the sockets, and nothing is called after it. Thread safety: none; its handlers run on the executor.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  using OnFailure = std::function<void(const Failure&)>;

  // create makes the engine on the sockets. Errors: errc::invalid_argument (configuration).
  static Result<std::shared_ptr<Pump>> create(boost::asio::any_io_executor executor, EngineConfig config, Ports ports,
                                              std::size_t burst, OnFailure on_failure);

  // start begins to wait. Errors: the operating system's.
  Result<void> start();
  Result<void> reconfigure(EngineConfig config) { return engine_->reconfigure(std::move(config)); }
  void drain(std::function<void()> drained);
  void stop();

  bool is_running() const noexcept { return running_; }
  const Engine& engine() const noexcept { return *engine_; }
  const Ports& ports() const noexcept { return ports_; }

 private:
  // Port is one socket with what waits for it; the waits borrow its handle.
  struct Port {
    Port(UdpSocket& a_socket, const boost::asio::any_io_executor& executor) : socket(a_socket), readiness(executor) {}
    ~Port();

    UdpSocket& socket;
    boost::asio::posix::stream_descriptor readiness;
    bool waits_to_write = false;
  };

  Pump(boost::asio::any_io_executor executor, Ports ports, std::size_t burst, OnFailure on_failure);

  void wait_to_read(Port& port);
  void read(Port& port);
  void wait_to_write(Port& port);
  // fail reports what ended a socket's work.
  void fail(const Port& port, const error_code& why);
  // settle does what is due, sends what waits, and arms the timer: after everything that touched the engine.
  void settle(TimePoint now);
  void arm(TimePoint now);

  boost::asio::any_io_executor executor_;
  std::size_t burst_;
  OnFailure on_failure_;
  Ports ports_;
  std::unique_ptr<Engine> engine_;  // borrows ports_
  std::deque<Port> waits_;          // one per socket of ports_
  boost::asio::steady_timer timer_;
  std::optional<TimePoint> armed_;  // when the timer will fire
  std::function<void()> drained_;   // called once, then empty
  bool running_ = false;
};

}  // namespace quicket::relay
