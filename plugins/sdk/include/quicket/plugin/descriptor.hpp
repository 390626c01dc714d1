#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

// failed_with_errno gives "WHAT: why", for errno.
inline Failed failed_with_errno(const std::string& what) {
  return Failed(what + ": " + std::generic_category().message(errno));
}

// Descriptor is a file descriptor: an owned one is closed, a borrowed one (standard output, fd:N) is not.
class Descriptor {
 public:
  static Descriptor owned(int fd) noexcept { return {fd, true}; }
  static Descriptor borrowed(int fd) noexcept { return {fd, false}; }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)), owned_(other.owned_) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }

  int fd() const noexcept { return fd_; }
  bool is_owned() const noexcept { return owned_; }
  // close closes an owned descriptor now. False, with errno, when the system lost what was written.
  bool close() noexcept {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || !owned_ || ::close(fd) == 0;
  }

 private:
  Descriptor(int fd, bool owned) noexcept : fd_(fd), owned_(owned) {}

  int fd_;
  bool owned_;
};

}  // namespace quicket::plugin
