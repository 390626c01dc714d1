#pragma once

#include <cstdint>
#include <string>

#include <quicket/carrier_plugin.hpp>

#include "plugins/stdio/descriptor.hpp"

namespace quicket::plugin {

// failed_with_errno gives "WHAT: why", for errno.
Failed failed_with_errno(const std::string& what);

// Waiter waits for descriptors, deadlines and cancel() at once. Times in milliseconds on the host's clock; deadline 0:
// none. Thread safety: all members.
class Waiter {
 public:
  // Throws Failed when the system has no descriptors left.
  explicit Waiter(Host host);

  // wait returns when `fd` is ready for `events` (of poll), or has come to its end. Throws Cancelled, DeadlinePassed,
  // Failed.
  void wait(int fd, short events, std::int64_t deadline) const;
  // pause returns after `milliseconds`. Throws Cancelled, DeadlinePassed.
  void pause(int milliseconds, std::int64_t deadline) const;
  // cancel ends all waiting, now and later.
  void cancel() const noexcept;

 private:
  // poll waits for the descriptor, unless it is -1, and at most `limit`, unless that is -1. True when the descriptor is
  // ready.
  bool poll(int fd, short events, std::int64_t deadline, int limit) const;

  Host host_;
  Descriptor cancelled_;  // an eventfd, readable for ever once cancelled
};

// Turn lets one call at a time use a stream, and the others wait for it in a way that can be cancelled.
class Turn {
 public:
  Turn();

  // Taken gives the turn back when it ends.
  class Taken {
   public:
    // Throws what Waiter::wait throws.
    Taken(const Turn& turn, const Waiter& waiter, std::int64_t deadline);
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken();

   private:
    int fd_;
  };

 private:
  Descriptor free_;  // an eventfd used as a semaphore
};

}  // namespace quicket::plugin
