#include "transports/endpoint/deliveries.hpp"

#include <utility>

namespace quicket::detail {

std::shared_ptr<Deliveries> Deliveries::start(const Strand& strand, std::vector<Carrier> carriers,
                                              const CarrierDelivery& delivery, TimePoint deadline,
                                              Callbacks callbacks) {
  auto deliveries = std::make_shared<Deliveries>();
  deliveries->callbacks_ = std::move(callbacks);
  deliveries->open_ = carriers.size();
  for (Carrier& carrier : carriers) {
    const std::string name = carrier.info().name;
    auto done = [strand, name, weak = deliveries->weak_from_this()](Outcome<> outcome) {
      asio::post(strand, [weak, name, outcome = std::move(outcome)] {
        if (const auto self = weak.lock()) self->on_done(name, outcome);
      });
    };
    auto call = CarrierCall::deliver(std::move(carrier), delivery, deadline, done);
    if (call) {
      deliveries->calls_.push_back(std::move(*call));
    } else {
      done(call.error());
    }
  }
  return deliveries;
}

void Deliveries::on_done(const std::string& carrier, const Outcome<>& outcome) {
  --open_;
  if (outcome) {
    any_delivered_ = true;
    return callbacks_.delivered(carrier);
  }
  if (!first_failure_) first_failure_ = outcome.error();
  callbacks_.failed(carrier, outcome.error());
  if (open_ == 0 && !any_delivered_) callbacks_.all_failed(*first_failure_);
}

}  // namespace quicket::detail
