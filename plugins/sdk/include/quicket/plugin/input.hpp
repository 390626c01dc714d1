#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/place.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

// Input reads what comes from a place, piece by piece, and can be cancelled while it waits. A FIFO that nobody has
// opened for writing yet is waited for. Descriptors that others share keep their flags.
class Input {
 public:
  // Throws Failed when the path cannot be opened.
  explicit Input(const Place& place) : name_(place.name()), descriptor_(open(place)), piece_(kPiece, '\0') {}

  // read waits for bytes and gives some, valid until the next call; none at the end. Throws Cancelled, DeadlinePassed,
  // Failed.
  std::string_view read(const Waiter& waiter, std::int64_t deadline) {
    for (;;) {
      waiter.wait(descriptor_.fd(), POLLIN, deadline);
      const ssize_t size = ::read(descriptor_.fd(), piece_.data(), piece_.size());
      if (size >= 0) return {piece_.data(), static_cast<std::size_t>(size)};
      if (errno != EINTR && errno != EAGAIN) throw failed_with_errno(name_);
    }
  }

 private:
  static Descriptor open(const Place& place) {
    if (place.path.empty()) return Descriptor::borrowed(place.fd);
    const int fd = ::open(place.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) throw failed_with_errno(place.path);
    return Descriptor::owned(fd);
  }

  static constexpr std::size_t kPiece = 65'536;  // bytes

  std::string name_;
  Descriptor descriptor_;
  std::string piece_;
};

}  // namespace quicket::plugin
