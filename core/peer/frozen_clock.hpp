#pragma once

#include <quicket/time.hpp>

#include <algorithm>
#include <optional>

namespace quicket {

// FrozenClock turns the world's time into one connection's. A dialer's stands still while its offer travels: otherwise
// the answer would be a round trip of minutes, and timers would give up long before it.
class FrozenClock {
 public:
  // While it stands still, the clock has run on for this long at most: what the connection takes for its first round
  // trip.
  static constexpr Duration kPretendedTrip = std::chrono::milliseconds(100);

  // freeze stops the clock at the first flight.
  void freeze(TimePoint now) { frozen_at_ = now - offset_; }
  // thaw lets it run on from where it stands.
  void thaw(TimePoint now) {
    offset_ = now - to_connection(now);
    frozen_at_.reset();
  }
  bool is_frozen() const noexcept { return frozen_at_.has_value(); }

  TimePoint to_connection(TimePoint now) const {
    if (frozen_at_) return std::min(now - offset_, *frozen_at_ + kPretendedTrip);
    return now - offset_;
  }
  // to_world gives a connection's deadline; nullopt while the clock stands still: none comes nearer.
  std::optional<TimePoint> to_world(std::optional<TimePoint> deadline) const {
    if (!deadline || frozen_at_) return std::nullopt;
    return *deadline + offset_;
  }

 private:
  Duration offset_{};
  std::optional<TimePoint> frozen_at_;  // on the connection's clock
};

}  // namespace quicket
