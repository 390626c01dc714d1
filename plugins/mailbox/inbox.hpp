#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

// Inbox brings offers from the threads that fetch them to the one thread that may hand them on. A fetcher has one offer
// here at a time. Thread safety: all members.
class Inbox {
 public:
  // hand_on returns when `take` was called with the offer.
  void hand_on(Octets offer) {
    std::unique_lock lock(mutex_);
    bool taken = false;
    offers_.push_back({std::move(offer), &taken});
    changed_.notify_all();
    changed_.wait(lock, [&taken] { return taken; });
  }
  // leave is a fetcher's end, and why.
  void leave(std::string why) {
    const std::lock_guard lock(mutex_);
    ++left_;
    if (complaint_.empty()) complaint_ = std::move(why);
    changed_.notify_all();
  }

  // run calls `take` for each offer until all `fetchers` have left, and gives the first one's reason.
  template <class Take>
  std::string run(std::size_t fetchers, Take&& take) {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return !offers_.empty() || left_ == fetchers; });
      if (offers_.empty()) return complaint_;
      Entry entry = std::move(offers_.front());
      offers_.pop_front();
      lock.unlock();
      take(entry.offer);
      lock.lock();
      *entry.taken = true;
      changed_.notify_all();
    }
  }

 private:
  struct Entry {
    Octets offer;
    bool* taken;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> offers_;
  std::size_t left_ = 0;
  std::string complaint_;
};

}  // namespace quicket::plugin
