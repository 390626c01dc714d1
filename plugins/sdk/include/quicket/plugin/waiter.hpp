#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/descriptor.hpp>

namespace quicket::plugin {

// Waiter waits for descriptors, deadlines and cancel() at once: all that blocks in a carrier goes through it, for then
// the carrier ends at once when it is told to. Times in milliseconds on the host's clock; deadline 0: none.
// Thread safety: all members.
class Waiter {
 public:
  // Throws Failed when the system has no descriptors left.
  explicit Waiter(Host host) : host_(host), cancelled_(Descriptor::owned(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
    if (cancelled_.fd() < 0) throw failed_with_errno("eventfd");
  }

  // wait returns when `fd` is ready for `events` (of poll), or has come to its end. Throws Cancelled, DeadlinePassed,
  // Failed.
  void wait(int fd, short events, std::int64_t deadline) const {
    pollfd one{.fd = fd, .events = events, .revents = 0};
    while (!poll({&one, 1}, deadline, kLook)) {
    }
  }
  // wait_at_most is wait() that gives up after `milliseconds` of its own: false.
  bool wait_at_most(int fd, short events, std::int64_t milliseconds, std::int64_t deadline) const {
    pollfd one{.fd = fd, .events = events, .revents = 0};
    return wait_at_most({&one, 1}, milliseconds, deadline);
  }
  // The same for several descriptors, whose revents are filled; those below 0 are passed over.
  bool wait_at_most(std::span<pollfd> descriptors, std::int64_t milliseconds, std::int64_t deadline) const {
    const std::int64_t end = host_.now() + milliseconds;
    for (std::int64_t left = milliseconds;; left = end - host_.now()) {
      if (poll(descriptors, deadline, std::max<std::int64_t>(left, 0))) return true;
      if (host_.now() >= end) return false;
    }
  }
  // pause returns after `milliseconds`; 0 only looks whether the call is over. Throws Cancelled, DeadlinePassed.
  void pause(std::int64_t milliseconds, std::int64_t deadline) const { wait_at_most({}, milliseconds, deadline); }

  // cancel ends all waiting, now and later.
  void cancel() const noexcept { ::eventfd_write(cancelled_.fd(), 1); }
  // cancel_descriptor can be read once cancelled, for ever: for event loops of other libraries, to be polled there.
  // Never read it.
  int cancel_descriptor() const noexcept { return cancelled_.fd(); }

 private:
  // While a machine sleeps, the host's clock goes on and that of poll stands: look again after this time.
  static constexpr std::int64_t kLook = 5'000;

  // poll waits once, for at most `limit`. True when a descriptor is ready.
  bool poll(std::span<pollfd> descriptors, std::int64_t deadline, std::int64_t limit) const {
    const std::int64_t left = deadline == 0 ? kLook : std::max<std::int64_t>(deadline - host_.now(), 0);
    std::vector<pollfd> all{{.fd = cancelled_.fd(), .events = POLLIN, .revents = 0}};
    all.insert(all.end(), descriptors.begin(), descriptors.end());
    const int ready = ::poll(all.data(), all.size(), static_cast<int>(std::min({left, kLook, limit})));
    if (ready < 0 && errno != EINTR && errno != EAGAIN) throw failed_with_errno("poll");
    if (ready > 0 && all[0].revents != 0) throw Cancelled();
    if (deadline != 0 && host_.now() >= deadline) throw DeadlinePassed("the deadline has passed");
    bool any = false;
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      descriptors[i].revents = ready > 0 ? all[i + 1].revents : short{0};
      if ((descriptors[i].revents & POLLNVAL) != 0) {
        throw Failed("descriptor " + std::to_string(descriptors[i].fd) + " is not open");
      }
      any = any || descriptors[i].revents != 0;
    }
    return any;
  }

  Host host_;
  Descriptor cancelled_;  // an eventfd, readable for ever once cancelled
};

}  // namespace quicket::plugin
