#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>

#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

// Turn lets one call at a time use a stream, and the others wait for it in a way that can be cancelled.
class Turn {
 public:
  // Throws Failed when the system has no descriptors left.
  Turn() : free_(Descriptor::owned(::eventfd(1, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))) {
    if (free_.fd() < 0) throw failed_with_errno("eventfd");
  }

  // Taken gives the turn back when it ends.
  class Taken {
   public:
    // Throws what Waiter::wait throws.
    Taken(const Turn& turn, const Waiter& waiter, std::int64_t deadline) : fd_(turn.free_.fd()) {
      for (eventfd_t one = 0;;) {
        waiter.wait(fd_, POLLIN, deadline);
        if (::eventfd_read(fd_, &one) == 0) return;
      }
    }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() { ::eventfd_write(fd_, 1); }

   private:
    int fd_;
  };

 private:
  Descriptor free_;  // an eventfd used as a semaphore
};

}  // namespace quicket::plugin
