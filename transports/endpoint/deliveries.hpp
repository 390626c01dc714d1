#pragma once

#include <quicket/carrier.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "transports/endpoint/carrier_call.hpp"
#include "transports/endpoint/pending.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quicket::detail {

// Deliveries brings one offer out over several carriers at once. Destroying it cancels those that are still at it.
// Thread safety: all on the strand, where the callbacks run too; none after the destructor, which they may cause.
class Deliveries : public std::enable_shared_from_this<Deliveries> {
 public:
  struct Callbacks {
    std::function<void(const std::string& carrier)> delivered;
    std::function<void(const std::string& carrier, const Failure& why)> failed;
    std::function<void(const Failure& why)>
        all_failed;  // after the last failed(), when none was delivered; the first one's reason
  };

  static std::shared_ptr<Deliveries> start(const Strand& strand, std::vector<Carrier> carriers,
                                           const CarrierDelivery& delivery, TimePoint deadline, Callbacks callbacks);

 private:
  void on_done(const std::string& carrier, const Outcome<>& outcome);

  Callbacks callbacks_;
  std::vector<CarrierCall> calls_;
  std::size_t open_ = 0;
  bool any_delivered_ = false;
  std::optional<Failure> first_failure_;
};

}  // namespace quicket::detail
