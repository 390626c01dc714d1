#pragma once

#include <quicket/time.hpp>

namespace quicket {

// boot_now reads the clock that counts through suspend (CLOCK_BOOTTIME): the clock of an Endpoint and of all deadlines
// given to carriers. Thread safety: any thread.
TimePoint boot_now() noexcept;

// wall_now reads the time of day, in whole seconds.
UnixTime wall_now() noexcept;

}  // namespace quicket
