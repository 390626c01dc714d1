#include <quicket/clock.hpp>

#include <boost/assert.hpp>

#include <ctime>

namespace quicket {

TimePoint boot_now() noexcept {
  timespec now{};
  const int code = ::clock_gettime(CLOCK_BOOTTIME, &now);
  BOOST_ASSERT(code == 0);
  static_cast<void>(code);
  return TimePoint(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

UnixTime wall_now() noexcept { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace quicket
