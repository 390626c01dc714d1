#include "relay/table/window.hpp"

#include <algorithm>

namespace quicket::relay {

namespace {

// without cuts `hole` out of `range` and appends the up to two pieces that remain.
void without(CounterRange range, CounterRange hole, std::vector<CounterRange>& pieces) {
  if (hole.size() == 0) hole = {range.end, range.end};
  const CounterRange low{range.begin, std::min(range.end, hole.begin)};
  const CounterRange high{std::max(range.begin, hole.end), range.end};
  if (low.size() > 0) pieces.push_back(low);
  if (high.size() > 0) pieces.push_back(high);
}

}  // namespace

std::vector<CounterRange> Window::missing(CounterRange next) const {
  std::vector<CounterRange> pieces{next};
  for (const CounterRange& held : this->held()) {
    std::vector<CounterRange> rest;
    for (const CounterRange& piece : pieces) without(piece, held, rest);
    pieces = std::move(rest);
  }
  return pieces;
}

std::vector<CounterRange> Window::slide(CounterRange next, TimePoint free_at, std::uint64_t most) {
  std::vector<Left> left;
  std::vector<CounterRange> pieces;
  const auto leave = [&](CounterRange range, TimePoint at) {
    pieces.clear();
    without(range, next, pieces);
    for (const CounterRange& piece : pieces) left.push_back({piece, at});
  };
  for (const Left& old : left_) leave(old.range, old.free_at);
  leave(stated_, free_at);
  stated_ = next;
  left_ = std::move(left);

  std::uint64_t count = held_count() - stated_.size();
  std::vector<CounterRange> freed;
  while (count > most || left_.size() > kMaxLeft) {
    count -= left_.front().range.size();
    freed.push_back(left_.front().range);
    left_.erase(left_.begin());
  }
  return freed;
}

std::vector<CounterRange> Window::expire(TimePoint now) {
  std::vector<CounterRange> freed;
  while (!left_.empty() && left_.front().free_at <= now) {
    freed.push_back(left_.front().range);
    left_.erase(left_.begin());
  }
  return freed;
}

std::optional<TimePoint> Window::deadline() const noexcept {
  if (left_.empty()) return std::nullopt;
  return left_.front().free_at;
}

std::vector<CounterRange> Window::held() const {
  std::vector<CounterRange> all{stated_};
  for (const Left& left : left_) all.push_back(left.range);
  return all;
}

std::uint64_t Window::held_count() const noexcept {
  std::uint64_t count = stated_.size();
  for (const Left& left : left_) count += left.range.size();
  return count;
}

}  // namespace quicket::relay
