#pragma once

#include <quicket/carrier.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace quicket {

// A carrier's call that has not returned this long after its deadline, or after cancel(), is abandoned.
constexpr std::chrono::milliseconds kAbandonAfter{2'000};

// OfferReply answers one received offer: once, from any thread, at once or later. Copies share the answer; the first
// counts. Dropped without an answer, or after the call has ended, the offer counts as refused.
class OfferReply {
 public:
  void operator()(OfferVerdict verdict) const noexcept;

 private:
  friend class CarrierCall;
  struct Ticket;
  explicit OfferReply(std::shared_ptr<Ticket> ticket);
  std::shared_ptr<Ticket> ticket_;
};

// CarrierCall runs one deliver or receive of a carrier on a thread of its own, so that foreign code holds nobody up.
//
// The callbacks run in threads of the call's, one at a time: done exactly once, unless the CarrierCall is destroyed
// before. They must neither block nor throw: usually they only post to an executor. When the destructor has returned,
// none runs or ever will. They may cancel or destroy their CarrierCall. What they hold is let go after done, or with
// the CarrierCall.
//
// A call that does not return in time is *abandoned*: done gets kCarrierFailed, and the thread stays behind with the
// instance, the plugin's code and all else that it may touch, until it returns by itself or the process ends. No one
// waits for it.
//
// Signals are blocked in these threads. Thread safety: cancel() from any thread.
class CarrierCall {
 public:
  using Done = std::function<void(Outcome<>)>;
  using OnOffer = std::function<void(Bytes offer, OfferReply reply)>;

  // deliver and receive start the call; results as Carrier's. Errors: kOutOfResources when there is no thread to be
  // had; then nothing was started.
  static Outcome<CarrierCall> deliver(Carrier carrier, CarrierDelivery delivery, TimePoint deadline, Done done,
                                      std::chrono::milliseconds abandon_after = kAbandonAfter);
  static Outcome<CarrierCall> receive(Carrier carrier, std::optional<TimePoint> deadline, OnOffer on_offer, Done done,
                                      std::chrono::milliseconds abandon_after = kAbandonAfter);

  CarrierCall(CarrierCall&&) noexcept = default;
  CarrierCall& operator=(CarrierCall&& other) noexcept;
  // ~CarrierCall cancels, and does not wait for the carrier.
  ~CarrierCall();

  // cancel cancels the carrier's instance, and so every call that runs in it; done then gets kCancelled. It does not
  // wait.
  void cancel() noexcept;

 private:
  friend class OfferReply;
  struct State;
  explicit CarrierCall(std::shared_ptr<State> state);
  static Outcome<CarrierCall> start(const std::shared_ptr<State>& state);
  void leave() noexcept;

  std::shared_ptr<State> state_;
};

}  // namespace quicket
