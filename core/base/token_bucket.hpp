#pragma once

#include <quicket/time.hpp>

#include <algorithm>
#include <chrono>

namespace quicket {

// TokenBucket lets `per_second` events pass on average and `burst` at once. It starts full.
class TokenBucket {
 public:
  TokenBucket(double per_second, double burst) noexcept : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // take says whether one more event may pass at `now`, and counts it if so.
  bool take(TimePoint now) noexcept {
    if (now > filled_) {
      const std::chrono::duration<double> passed = now - filled_;
      tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
      filled_ = now;
    }
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  TimePoint filled_{};
};

}  // namespace quicket
