#pragma once

#include <quicket/time.hpp>

#include <chrono>
#include <cstdint>
#include <random>

namespace quicket::transports {

// Backoff gives the pauses between attempts: they double up to a longest one, each shortened by up to a half at random,
// so that the clients of one relay do not all come back at the same instant.
class Backoff {
 public:
  struct Timing {
    Duration first = std::chrono::milliseconds(100);
    Duration longest = std::chrono::seconds(5);
  };

  Backoff(Timing timing, std::uint64_t seed) : timing_(timing), random_(seed), whole_(timing.first) {}

  // next is the pause before the next attempt.
  Duration next();
  // reset: an attempt succeeded.
  void reset() noexcept { whole_ = timing_.first; }

 private:
  Timing timing_;
  std::mt19937_64 random_;
  Duration whole_;
};

}  // namespace quicket::transports
