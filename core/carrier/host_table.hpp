#pragma once

#include <quicket/carrier.h>
#include <quicket/carrier_host.hpp>

#include <atomic>
#include <stop_token>
#include <string>
#include <vector>

namespace quicket {

// HostTable is the host's side of the ABI over HostServices, for one carrier. Nothing that a service throws leaves it.
// Thread safety: the table's functions, as far as HostServices allows it.
class HostTable {
 public:
  HostTable(std::string carrier, HostServices services);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  // table lives as long as this object.
  const quicket_host& table() const noexcept { return table_; }
  const std::string& carrier() const noexcept { return carrier_; }
  const HostServices& services() const noexcept { return services_; }

  // guarded runs the host's own code and gives its result, or `fallback` when it throws; that is remembered.
  template <class T, class Function>
  T guarded(T fallback, Function&& function) noexcept {
    try {
      return function();
    } catch (...) {
      threw_ = true;
      return fallback;
    }
  }
  // cancel ends what waits for a relay, now and later.
  void cancel() noexcept { cancelled_.request_stop(); }

  // take_threw says whether the host's code has thrown since it was asked last.
  bool take_threw() noexcept { return threw_.exchange(false); }

 private:
  int relay_request(quicket_relay_exchange& exchange);

  std::string carrier_;
  HostServices services_;
  std::vector<const char*> relays_;  // texts are services_'
  quicket_host table_;
  std::stop_source cancelled_;
  std::atomic<bool> threw_ = false;
};

}  // namespace quicket
