#pragma once

#include <cstddef>

namespace quicket::bench {

constexpr std::size_t kMegabyte = 1'000'000;

// Load is what one round moves, one way: `bytes` in `streams` equal parts.
struct Load {
  std::size_t bytes = 0;
  std::size_t streams = 1;

  std::size_t per_stream() const noexcept { return bytes / streams; }
};

// Measured is what a round took, from ready to the last byte read.
struct Measured {
  double seconds = 0;
  double cpu_seconds = 0;  // of all that took part
};

// The processor time, user and system, that this process has used, or its children that have ended.
double cpu_seconds_of_self();
double cpu_seconds_of_children();

}  // namespace quicket::bench
