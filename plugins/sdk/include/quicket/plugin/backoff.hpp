#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace quicket::plugin {

// Backoff says how long to wait before the next try: twice as long each time up to a limit, and by chance between a
// half of that and all, so that many who failed together do not come back together.
class Backoff {
 public:
  // Times in milliseconds.
  Backoff(std::int64_t first, std::int64_t most, std::uint_fast32_t seed = std::random_device{}())
      : next_(std::max<std::int64_t>(first, 1)), most_(std::max(next_, most)), random_(seed) {}

  // next gives milliseconds: at least `asked`, what the other side wants (Retry-After), when it said so.
  std::int64_t next(std::int64_t asked = 0) {
    const std::int64_t whole = next_;
    next_ = std::min(next_ * 2, most_);
    return std::max(asked, std::uniform_int_distribution<std::int64_t>(whole - whole / 2, whole)(random_));
  }

 private:
  std::int64_t next_, most_;
  std::minstd_rand random_;
};

}  // namespace quicket::plugin
