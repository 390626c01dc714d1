#pragma once

#include <time.h>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

// TestHost is a host whose clock stands until the test turns it, or goes with the machine's.
class TestHost {
 public:
  explicit TestHost(bool runs = false) : runs_(runs) {}
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  Host host() const { return Host(table_); }
  std::int64_t now() const {
    if (!runs_) return time_;
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
  }
  void set_time(std::int64_t milliseconds) { time_ = milliseconds; }

 private:
  bool runs_;
  std::int64_t time_ = 1'000;
  quicket_host table_{.abi_version = QUICKET_CARRIER_ABI_VERSION,
                      .struct_size = sizeof(quicket_host),
                      .context = this,
                      .log = [](void*, int, const char*) {},
                      .now = [](void* self) { return static_cast<const TestHost*>(self)->now(); },
                      .offer_to_text = nullptr,
                      .offer_from_text = nullptr,
                      .relay_request = nullptr};
};

}  // namespace quicket::plugin
