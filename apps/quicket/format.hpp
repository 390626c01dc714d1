#pragma once

#include <quicket/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
// format_time is the wall clock of this machine's time zone: "2026-11-22 14:18:11".
std::string format_time(UnixTime time);

// parse_duration reads numbers with units: "15min", "90 s", "1h30min", "250ms"; units are ms, s, min, h, d, from large to small, each
// once. Nothing for anything else, for zero, and for more than kMaxDuration.
constexpr Duration kMaxDuration = std::chrono::days(365);
std::optional<Duration> parse_duration(std::string_view text);

// escape_controls makes foreign text fit for a terminal: control characters become '?'.
std::string escape_controls(std::string_view text);

// distance counts the letters to change, drop, add or swap with their neighbour to get from one word to the other.
std::size_t distance(std::string_view a, std::string_view b);

}  // namespace quicket::cli
