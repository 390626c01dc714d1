#include "transports/endpoint/driver.hpp"

#include <utility>

namespace quicket::detail {

namespace {

// An event can lead to datagrams and these to further events; what is not settled after so many rounds waits for the
// next turn.
constexpr int kMaxRounds = 16;

}  // namespace

Driver::Driver(const Strand& strand, UdpSocket socket, std::unique_ptr<transports::Node> node)
    : strand_(strand), socket_(std::move(socket)), node_(std::move(node)) {}

Result<void> Driver::start(const std::shared_ptr<Owner>& owner) {
  owner_ = owner;
  waiter_.emplace(strand_);
  timer_.emplace(strand_);
  error_code failed;
  waiter_->assign(socket_->native_handle(), failed);
  if (failed) {
    waiter_.reset();
    return failed;
  }
  wait_for_datagrams();
  return {};
}

void Driver::stop() {
  timer_.reset();
  if (waiter_ && waiter_->is_open()) waiter_->release();  // the handle is the socket's
  waiter_.reset();
  socket_.reset();
  when_pumped_.clear();
}

void Driver::wait_for_datagrams() {
  waiter_->async_wait(Waiter::wait_read, [this, owner = owner_.lock()](error_code failed) {
    if (!is_running()) return;
    if (failed) return owner->on_socket_failed(failed);
    on_readable();
  });
}

void Driver::on_readable() {
  const TimePoint now = boot_now();
  const auto taken = socket_->receive(
      [&](std::span<const Received> run) {
        for (const Received& received : run) node_->receive(received, now);
      },
      kMaxBatch);
  if (!taken) return owner_.lock()->on_socket_failed(taken.error());
  pump();
  if (is_running()) wait_for_datagrams();
}

void Driver::schedule() {
  if (!is_running() || std::exchange(scheduled_, true)) return;
  asio::post(strand_, [this, owner = owner_.lock()] {
    scheduled_ = false;
    if (is_running()) pump();
  });
}

void Driver::pump_now() {
  if (is_running()) pump();
}

void Driver::pump() {
  const auto owner = owner_.lock();
  for (int round = 0;; ++round) {
    bool any = false;
    while (auto event = node_->poll()) {
      any = true;
      owner->on_link_event(event->first, std::move(event->second));
      if (!is_running()) return;
    }
    if (round > 0 && !any) break;
    if (round == kMaxRounds) {
      schedule();
      break;
    }
    node_->transmit(*socket_, boot_now());
  }
  socket_->flush();
  wait_for_room();
  set_timer();
  for (const auto& callback : std::exchange(when_pumped_, {})) callback();
  owner->on_pumped(boot_now());
}

void Driver::wait_for_room() {
  if (!socket_->wants_write() || std::exchange(waits_for_room_, true)) return;
  waiter_->async_wait(Waiter::wait_write, [this, owner = owner_.lock()](error_code failed) {
    waits_for_room_ = false;
    if (!is_running()) return;
    if (failed) return owner->on_socket_failed(failed);
    socket_->flush();
    wait_for_room();
  });
}

void Driver::set_timer() {
  const auto due = node_->deadline();
  // A timer that is early only looks again.
  if (!due || (timer_at_ && *timer_at_ <= *due)) return;
  timer_at_ = due;
  timer_->expires_after(*due - boot_now());
  timer_->async_wait([this, owner = owner_.lock()](error_code cancelled) {
    if (cancelled || !is_running()) return;
    timer_at_.reset();
    const TimePoint now = boot_now();
    const auto next = node_->deadline();
    if (next && *next <= now) {
      node_->on_deadline(now);
      pump();
    } else {
      set_timer();
    }
  });
}

}  // namespace quicket::detail
