#pragma once

#include <quicket/time.hpp>

#include "relay/table/route.hpp"

#include <optional>
#include <set>
#include <utility>

namespace quicket::relay {

// DeadlineQueue orders slots by when they want attention. Each is in it at most once; the caller remembers for when.
class DeadlineQueue {
 public:
  void insert(TimePoint when, Slot slot) { queue_.emplace(when, slot); }
  void erase(TimePoint when, Slot slot) { queue_.erase({when, slot}); }

  std::optional<TimePoint> earliest() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
  }

  // pop_due takes out the earliest slot, if it is due at `now`.
  std::optional<Slot> pop_due(TimePoint now) {
    if (queue_.empty() || queue_.begin()->first > now) return std::nullopt;
    const Slot slot = queue_.begin()->second;
    queue_.erase(queue_.begin());
    return slot;
  }

 private:
  std::set<std::pair<TimePoint, Slot>> queue_;
};

}  // namespace quicket::relay
