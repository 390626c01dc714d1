#pragma once

#include <quicket/carrier.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include <quicket/conformance/channel.hpp>

namespace quicket::conformance {

// Inbox keeps what a carrier has received, each offer once. Thread safety: all members.
class Inbox {
 public:
  // add keeps an offer and gives the verdict on it: DUPLICATE for one that is here, else the next of those planned,
  // else ACCEPTED.
  int add(Octets offer) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (std::ranges::find(offers_, offer) != offers_.end()) return QUICKET_OFFER_DUPLICATE;
    offers_.push_back(std::move(offer));
    changed_.notify_all();
    if (verdicts_.empty()) return QUICKET_OFFER_ACCEPTED;
    const int verdict = verdicts_.front();
    verdicts_.pop_front();
    return verdict;
  }
  void plan(std::deque<int> verdicts) {
    const std::lock_guard lock(mutex_);
    verdicts_ = std::move(verdicts);
  }

  // wait returns when so many different offers are here, or the time is over: false.
  bool wait(std::size_t count, std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return offers_.size() >= count; });
  }
  std::vector<Octets> offers() const {
    const std::lock_guard lock(mutex_);
    return offers_;
  }
  bool holds(const Octets& offer) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(offers_, offer) != offers_.end();
  }
  // calls counts repetitions too.
  std::size_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Octets> offers_;
  std::deque<int> verdicts_;
  std::size_t calls_ = 0;
};

}  // namespace quicket::conformance
