#pragma once

#include <quicket/carrier.hpp>

#include <time.h>

#include <mutex>
#include <string>
#include <vector>

namespace quicket {

// boot_time reads the clock of all deadlines.
inline TimePoint boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return TimePoint(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

// TestLog keeps what carriers log. Thread safety: all members.
class TestLog {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// real_services run on the machine's clock, without a relay. `log` may be null.
inline HostServices real_services(TestLog* log = nullptr) {
  HostServices services{.now = boot_time};
  if (log != nullptr) {
    services.log = [log](CarrierLogLevel, std::string_view carrier, std::string_view line) {
      log->add(std::string(carrier) + ": " + std::string(line));
    };
  }
  return services;
}

// sealed_offer is `size` bytes, at least 2, that look like a sealed offer; others for another seed.
inline Bytes sealed_offer(std::size_t size, unsigned seed = 1) {
  Bytes offer(size);
  for (std::byte& b : offer) b = static_cast<std::byte>((seed = seed * 1'103'515'245 + 12'345) >> 16);
  offer[0] = offer[1] = std::byte{1};
  return offer;
}

}  // namespace quicket
