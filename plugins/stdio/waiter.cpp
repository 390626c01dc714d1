#include "plugins/stdio/waiter.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace quicket::plugin {

namespace {

// While a machine sleeps, the host's clock goes on and that of poll stands: look again after this time.
constexpr std::int64_t kLook = 5'000;

Descriptor event_descriptor(unsigned count, int flags) {
  const int fd = ::eventfd(count, flags | EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw failed_with_errno("eventfd");
  return Descriptor::owned(fd);
}

}  // namespace

Failed failed_with_errno(const std::string& what) {
  return Failed(what + ": " + std::generic_category().message(errno));
}

Waiter::Waiter(Host host) : host_(host), cancelled_(event_descriptor(0, 0)) {}

bool Waiter::poll(int fd, short events, std::int64_t deadline, int limit) const {
  const std::int64_t left = deadline == 0 ? kLook : std::max<std::int64_t>(deadline - host_.now(), 0);
  const std::int64_t time = std::min({left, kLook, limit < 0 ? kLook : limit});
  pollfd both[2] = {{.fd = cancelled_.fd(), .events = POLLIN}, {.fd = fd, .events = events}};
  if (::poll(both, 2, static_cast<int>(time)) < 0 && errno != EINTR) throw failed_with_errno("poll");
  if (both[0].revents != 0) throw Cancelled();
  if (deadline != 0 && host_.now() >= deadline) throw DeadlinePassed("the deadline has passed");
  if ((both[1].revents & POLLNVAL) != 0) throw Failed("descriptor " + std::to_string(fd) + " is not open");
  return both[1].revents != 0;
}

void Waiter::wait(int fd, short events, std::int64_t deadline) const {
  while (!poll(fd, events, deadline, -1)) {
  }
}

void Waiter::pause(int milliseconds, std::int64_t deadline) const { poll(-1, 0, deadline, milliseconds); }

void Waiter::cancel() const noexcept { ::eventfd_write(cancelled_.fd(), 1); }

Turn::Turn() : free_(event_descriptor(1, EFD_SEMAPHORE)) {}

Turn::Taken::Taken(const Turn& turn, const Waiter& waiter, std::int64_t deadline) : fd_(turn.free_.fd()) {
  for (eventfd_t one = 0;;) {
    waiter.wait(fd_, POLLIN, deadline);
    if (::eventfd_read(fd_, &one) == 0) return;
  }
}

Turn::Taken::~Taken() { ::eventfd_write(fd_, 1); }

}  // namespace quicket::plugin
