#include "relay/server/pump.hpp"

#include "relay/server/boot_clock.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace quicket::relay {

namespace asio = boost::asio;

Pump::Port::~Port() { readiness.release(); }  // the handle is the socket's

Result<std::shared_ptr<Pump>> Pump::create(asio::any_io_executor executor, EngineConfig config, Ports ports,
                                           std::size_t burst, OnFailure on_failure) {
  std::shared_ptr<Pump> pump(new Pump(std::move(executor), std::move(ports), burst, std::move(on_failure)));
  auto engine = Engine::create(std::move(config), pump->ports_);
  if (!engine) return engine.error();
  pump->engine_ = std::move(*engine);
  return pump;
}

Pump::Pump(asio::any_io_executor executor, Ports ports, std::size_t burst, OnFailure on_failure)
    : executor_(std::move(executor)),
      burst_(burst),
      on_failure_(std::move(on_failure)),
      ports_(std::move(ports)),
      timer_(executor_) {}

Result<void> Pump::start() {
  for (UdpSocket& socket : ports_.sockets()) {
    error_code error;
    waits_.emplace_back(socket, executor_).readiness.assign(socket.native_handle(), error);
    if (error) return error;
  }
  running_ = true;
  for (Port& port : waits_) wait_to_read(port);
  settle(boot_now());
  return {};
}

void Pump::wait_to_read(Port& port) {
  port.readiness.async_wait(asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this(), &port](const error_code& error) {
                              if (!self->running_) return;
                              if (error) return self->fail(port, error);
                              self->read(port);
                            });
}

void Pump::read(Port& port) {
  const TimePoint now = boot_now();
  const auto took = port.socket.receive([&](std::span<const Received> run) { engine_->receive(run, now); }, burst_);
  settle(now);
  if (took) return wait_to_read(port);
  fail(port, took.error());
}

void Pump::fail(const Port& port, const error_code& why) {
  const Failure failure{why, "udp " + port.socket.local_address().to_string() + ": " + why.message()};
  asio::post(executor_, [self = shared_from_this(), failure] {
    if (self->running_ && self->on_failure_) self->on_failure_(failure);
  });
}

void Pump::wait_to_write(Port& port) {
  if (std::exchange(port.waits_to_write, true)) return;
  port.readiness.async_wait(asio::posix::stream_descriptor::wait_write,
                            [self = shared_from_this(), &port](const error_code& error) {
                              if (!self->running_) return;
                              if (error) return self->fail(port, error);
                              port.waits_to_write = false;
                              port.socket.flush();
                              if (port.socket.wants_write()) self->wait_to_write(port);
                            });
}

void Pump::settle(TimePoint now) {
  if (const auto due = engine_->deadline(); due && *due <= now) engine_->on_deadline(now);
  for (Port& port : waits_) {
    if (!port.socket.wants_write()) port.socket.flush();
    if (port.socket.wants_write()) wait_to_write(port);
  }
  arm(now);
  if (!drained_ || !engine_->is_drained()) return;
  asio::post(executor_, [self = shared_from_this(), drained = std::exchange(drained_, {})] {
    if (self->running_) drained();
  });
}

// The timer counts without suspend, unlike deadlines: one that passed meanwhile is met at the first packet or at the
// timer's end.
void Pump::arm(TimePoint now) {
  const auto next = engine_->deadline();
  if (!next || (armed_ && *armed_ <= *next)) return;  // an early timer asks again
  armed_ = next;
  timer_.expires_after(std::max(Duration::zero(), *next - now));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || !self->running_) return;
    self->armed_.reset();
    self->settle(boot_now());
  });
}

void Pump::drain(std::function<void()> drained) {
  drained_ = std::move(drained);
  const TimePoint now = boot_now();
  engine_->drain(now);
  settle(now);
}

void Pump::stop() {
  running_ = false;
  drained_ = {};
  timer_.cancel();
  waits_.clear();
  ports_.close();
}

}  // namespace quicket::relay
