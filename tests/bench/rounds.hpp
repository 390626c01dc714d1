#pragma once

#include <algorithm>
#include <vector>

namespace quicket::bench {

// Spread is what several rounds gave: the median, and the least and the most.
struct Spread {
  double median = 0, least = 0, most = 0;
};

inline Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

}  // namespace quicket::bench
