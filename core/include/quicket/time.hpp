#pragma once

#include <chrono>

namespace quicket {

// BootClock counts through suspend (CLOCK_BOOTTIME). It has no now(): in the engine, time is only ever an argument.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};

using TimePoint = BootClock::time_point;
using Duration = BootClock::duration;

// UnixTime is wall-clock time, used only for what travels between machines (an offer's expiry).
using UnixTime = std::chrono::sys_seconds;

}  // namespace quicket
