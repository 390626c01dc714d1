#pragma once

#include <quicket/time.hpp>

namespace quicket::relay {

// boot_now reads CLOCK_BOOTTIME, which counts through suspend: the relay's clock. Thread safety: any thread.
TimePoint boot_now() noexcept;

}  // namespace quicket::relay
