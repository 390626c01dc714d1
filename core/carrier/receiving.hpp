#pragma once

#include <quicket/carrier.h>
#include <quicket/carrier.hpp>

#include <atomic>
#include <memory>

#include "core/carrier/host_table.hpp"

namespace quicket {

// Receiving is where a plugin's on_offer ends, for one receive. A broken plugin may call it from several threads at
// once, or when receive has long returned: then the offer is refused. Thread safety: all members.
class Receiving {
 public:
  // Both are borrowed: the host for the lifetime, the handler until end().
  Receiving(HostTable& host, const OnOffer& on_offer) : host_(host), on_offer_(on_offer) {}

  // take gives an offer to the handler, one at a time, and its verdict as a quicket_carrier_verdict.
  int take(const std::uint8_t* offer, std::size_t size) noexcept {
    if (offer == nullptr || size > kMaxOffer) return QUICKET_OFFER_REFUSED;
    State expected = State::kOpen;
    if (!state_.compare_exchange_strong(expected, State::kBusy)) return QUICKET_OFFER_REFUSED;
    const int verdict =
        host_.guarded(int{QUICKET_OFFER_REFUSED}, [&] { return static_cast<int>(on_offer_(byte_view(offer, size))); });
    state_ = State::kOpen;
    state_.notify_all();
    return verdict;
  }

  // end lets no more offers through, and waits for the one that another thread may just be handing over.
  void end() noexcept {
    for (;;) {
      State expected = State::kOpen;
      if (state_.compare_exchange_strong(expected, State::kEnded)) return;
      state_.wait(State::kBusy);
    }
  }

  std::unique_ptr<Receiving> before;  // of the same instance: see Carrier::Instance

 private:
  enum class State { kOpen, kBusy, kEnded };

  HostTable& host_;
  const OnOffer& on_offer_;
  std::atomic<State> state_ = State::kOpen;
};

}  // namespace quicket
