#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <boost/assert.hpp>

namespace quicket {

// Fifo is a queue for what is empty most of the time and there by the thousands: while it is empty it holds no memory
// but a spare of kSpare bytes at the most, once it was used; std::deque holds 576 bytes. Elements move when others come
// or go.
template <class T>
class Fifo {
 public:
  Fifo() = default;
  Fifo(Fifo&& other) noexcept : items_(std::move(other.items_)), gone_(std::exchange(other.gone_, 0)) {}
  Fifo& operator=(Fifo other) noexcept {
    items_.swap(other.items_);
    std::swap(gone_, other.gone_);
    return *this;
  }

  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size() - gone_; }

  T& front() { return items_[gone_]; }
  T& back() { return items_.back(); }
  T& operator[](std::size_t position) { return items_[gone_ + position]; }
  const T& front() const { return items_[gone_]; }
  const T& operator[](std::size_t position) const { return items_[gone_ + position]; }

  auto begin() noexcept { return items_.begin() + static_cast<std::ptrdiff_t>(gone_); }
  auto end() noexcept { return items_.end(); }
  auto begin() const noexcept { return items_.begin() + static_cast<std::ptrdiff_t>(gone_); }
  auto end() const noexcept { return items_.end(); }

  template <class U = T>
  void push_back(U&& element) {
    items_.emplace_back(std::forward<U>(element));
  }

  // take_front removes the first element and gives it.
  T take_front() {
    BOOST_ASSERT(!empty());
    T first = std::move(items_[gone_]);
    if (++gone_ == items_.size()) {
      clear();
    } else if (gone_ >= kMostGone && 2 * gone_ >= items_.size()) {
      items_.erase(items_.begin(), begin());
      gone_ = 0;
    }
    return first;
  }
  void pop_front() { take_front(); }

  void clear() noexcept {
    items_.clear();
    if (items_.capacity() * sizeof(T) > kSpare) std::vector<T>().swap(items_);
    gone_ = 0;
  }

  // erase_if is std::erase_if's.
  template <class Predicate>
  void erase_if(Predicate is_unwanted) {
    items_.erase(items_.begin(), begin());
    gone_ = 0;
    std::erase_if(items_, is_unwanted);
    if (items_.empty()) clear();
  }

 private:
  static constexpr std::size_t kSpare = 128;    // what passes one by one shall not cost an allocation each
  static constexpr std::size_t kMostGone = 16;  // elements that stay in place when they are few
  std::vector<T> items_;
  std::size_t gone_ = 0;  // elements at the front that were taken; never all
};

}  // namespace quicket
