#pragma once

#include <quicket/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace quicket::relay {

// CounterRange are the counters [begin, end) of a schedule of connection IDs.
struct CounterRange {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const noexcept { return end > begin ? end - begin : 0; }
  friend bool operator==(const CounterRange&, const CounterRange&) = default;
};

// Window are the counters that one registration holds: the window as last stated, and what left it less than
// kSlideGrace ago.
class Window {
 public:
  // missing are the counters of `next` that are not held.
  std::vector<CounterRange> missing(CounterRange next) const;

  // slide makes `next` the window. What it leaves behind stays held until `free_at`, but no more than `most` counters
  // and kMaxLeft pieces; beyond, the oldest go first: they are returned, and not held any more.
  std::vector<CounterRange> slide(CounterRange next, TimePoint free_at, std::uint64_t most);

  // expire gives up what is due at `now`, and returns it.
  std::vector<CounterRange> expire(TimePoint now);
  // deadline is when expire() has something to do.
  std::optional<TimePoint> deadline() const noexcept;

  CounterRange stated() const noexcept { return stated_; }
  std::vector<CounterRange> held() const;     // all, in no order, without overlap
  std::uint64_t held_count() const noexcept;  // their sum

 private:
  static constexpr std::size_t kMaxLeft = 8;
  struct Left {
    CounterRange range;
    TimePoint free_at;
  };

  CounterRange stated_;
  std::vector<Left> left_;  // by free_at
};

}  // namespace quicket::relay
