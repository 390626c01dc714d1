#include "relay/server/boot_clock.hpp"

#include <boost/assert.hpp>

#include <ctime>

namespace quicket::relay {

TimePoint boot_now() noexcept {
  timespec now{};
  [[maybe_unused]] const int failed = ::clock_gettime(CLOCK_BOOTTIME, &now);
  BOOST_ASSERT(!failed);  // every Linux that has io readiness has this clock
  return TimePoint(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace quicket::relay
