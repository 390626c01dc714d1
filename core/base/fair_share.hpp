#pragma once

#include <algorithm>
#include <cstdint>

namespace quicket {

// fair_share is how much one client may hold of what all share: `most` while half of it is free; with less, by the
// square of what is free (a quarter free: a quarter of `most`), and at least 1. So it takes a crowd to shut out those
// who want little, and not a few who take all that they may.
constexpr std::uint64_t fair_share(std::uint64_t most, std::uint64_t used, std::uint64_t total) noexcept {
  if (used <= total / 2) return most;
  const double left = 2.0 * static_cast<double>(total - std::min(used, total)) / static_cast<double>(total);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(most) * left * left));
}

}  // namespace quicket
