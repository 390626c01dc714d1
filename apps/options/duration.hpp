#pragma once

#include <quicket/time.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace quicket::apps {

constexpr Duration kMaxDuration = std::chrono::days(365);

// parse_duration reads numbers with units, from large to small and each unit once: "2min", "90 s", "1h30min". Units are
// d, h, min, s, ms. Nothing for anything else, and for more than kMaxDuration.
std::optional<Duration> parse_duration(std::string_view text);

// duration_text is its inverse, for whole milliseconds: "1h30min"; "0s" for nothing.
std::string duration_text(Duration duration);

}  // namespace quicket::apps
