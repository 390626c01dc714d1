#pragma once

#include <quicket/carrier.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "core/carrier/host_table.hpp"
#include "core/carrier/plugin.hpp"
#include "core/carrier/receiving.hpp"

namespace quicket {

// Instance is one opened instance of a plugin with all that it may touch: the plugin's code and the host's table.
// Destroyed, it closes the instance first and lets the code go last.
struct Carrier::Instance {
  // open makes one, which is destroyed by HostServices::close. Errors: kCarrierBroken, kCarrierOption, kCarrierFailed.
  static Outcome<std::shared_ptr<Instance>> open(std::shared_ptr<const Plugin> plugin, const HostServices& services,
                                                 const CarrierOptions& options);

  Instance(std::shared_ptr<const Plugin> loaded, const HostServices& services);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  // outcome translates how a call ended.
  Outcome<> outcome(const std::optional<std::string>& threw, int status, const quicket_error& error);

  // start_receiving gives what the plugin's callback is to find. It stays as long as the instance: a broken plugin may
  // call back at any time.
  Receiving& start_receiving(const OnOffer& on_offer);

  std::shared_ptr<const Plugin> plugin;
  HostTable host;
  void* pointer = nullptr;                           // the plugin's; null until open has succeeded
  std::atomic<Receiving*> last_receiving = nullptr;  // owned; the others hang on it
};

}  // namespace quicket
