#include "plugins/stdio/input.hpp"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

namespace quicket::plugin {

namespace {

Descriptor open_input(const Place& place) {
  if (place.path.empty()) return Descriptor::borrowed(place.fd);
  const int fd = ::open(place.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) throw failed_with_errno(place.path);
  return Descriptor::owned(fd);
}

}  // namespace

Input::Input(const Place& place) : name_(place.name()), descriptor_(open_input(place)), piece_(kPiece, '\0') {}

std::string_view Input::read(const Waiter& waiter, std::int64_t deadline) {
  for (;;) {
    waiter.wait(descriptor_.fd(), POLLIN, deadline);
    const ssize_t size = ::read(descriptor_.fd(), piece_.data(), piece_.size());
    if (size >= 0) return {piece_.data(), static_cast<std::size_t>(size)};
    if (errno != EINTR && errno != EAGAIN) throw failed_with_errno(name_);
  }
}

}  // namespace quicket::plugin
