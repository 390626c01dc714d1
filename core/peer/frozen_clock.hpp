#pragma once

#include <quicket/time.hpp>

#include <algorithm>
#include <optional>

namespace quicket {

// FrozenClock turns the world's time into one connection's. It stands still while nobody can answer yet, a dialer's
// while its offer travels, an accepter's while its answer does: otherwise the first round trip would be one of minutes,
// and timers would give up long before it.
class FrozenClock {
 public:
  // While it stands still, the clock has run on for this long at most, unless pretend() says more: what the connection
  // takes for its first round trip.
  static constexpr Duration kPretendedTrip = std::chrono::milliseconds(100);

  // freeze stops the clock at the first flight.
  void freeze(TimePoint now) { frozen_at_ = now - offset_; }
  // pretend lets the first round trip be longer than kPretendedTrip. It never gets shorter again: time does not go
  // back.
  void pretend(Duration trip) { trip_ = std::max(trip_, trip); }
  // thaw lets it run on from where it stands.
  void thaw(TimePoint now) {
    offset_ = now - to_connection(now);
    frozen_at_.reset();
  }
  bool is_frozen() const noexcept { return frozen_at_.has_value(); }

  TimePoint to_connection(TimePoint now) const {
    if (frozen_at_) return std::min(now - offset_, *frozen_at_ + trip_);
    return now - offset_;
  }
  // to_world gives a connection's deadline; nullopt while the clock stands still: none comes nearer.
  std::optional<TimePoint> to_world(std::optional<TimePoint> deadline) const {
    if (!deadline || frozen_at_) return std::nullopt;
    return *deadline + offset_;
  }

 private:
  Duration offset_{};
  Duration trip_ = kPretendedTrip;
  std::optional<TimePoint> frozen_at_;  // on the connection's clock
};

}  // namespace quicket
