#pragma once

#include <quicket/time.hpp>

#include <cstdint>
#include <string>

namespace quicket::cli {

// Numbers as people read them: three digits and the unit that fits.

// format_size: "1 byte", "243 bytes", "1.31 GB" (powers of 1000).
std::string format_size(std::uint64_t bytes);
// format_rate: "134 MB/s"; "-" when no time has passed.
std::string format_rate(std::uint64_t bytes, Duration time);
// format_duration: "0.6 ms", "23 ms", "1.2 s", "90 s", "15 min", "2.5 h", "7 d". Below zero counts as zero.
std::string format_duration(Duration duration);
// format_clock counts seconds: "0:42", "1:02:03".
std::string format_clock(Duration duration);

}  // namespace quicket::cli
