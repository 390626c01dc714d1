#include "transports/relay/backoff.hpp"

#include <algorithm>

namespace quicket::transports {

Duration Backoff::next() {
  constexpr int kSteps = 1024;
  const auto step = static_cast<int>(random_() % kSteps);
  const Duration pause = whole_ / 2 + whole_ / 2 * step / kSteps;
  whole_ = std::min(2 * whole_, timing_.longest);
  return pause;
}

}  // namespace quicket::transports
