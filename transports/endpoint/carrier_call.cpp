#include "transports/endpoint/carrier_call.hpp"

#include <boost/assert.hpp>

#include <condition_variable>
#include <mutex>

#include "transports/endpoint/detached_thread.hpp"

namespace quicket {

namespace {

// While a machine sleeps, the clock of deadlines goes on and that of condition variables stands: look again after this
// time.
constexpr std::chrono::seconds kLook{5};

Failure no_thread() { return {make_error_code(Errc::kOutOfResources), "there is no thread left to run a carrier on"}; }

}  // namespace

// State is shared by the handle and two threads: the worker, which is in the plugin, and the watcher, which waits for
// the worker for as long as is allowed and then reports.
struct CarrierCall::State {
  explicit State(Carrier opened) : carrier(std::move(opened)) {}

  // work runs the call; in the worker.
  void work(const std::shared_ptr<State>& self);
  // watch waits for the end and reports it; in the watcher.
  void watch(const std::shared_ptr<State>& self);
  // send_cancel passes the host's cancel on; in the watcher.
  void send_cancel(const std::shared_ptr<State>& self, std::unique_lock<std::mutex>& lock);
  // ask gives an offer to the host and waits for its verdict; in the worker.
  OfferVerdict ask(const std::shared_ptr<State>& self, ByteView offer);
  void answer(std::uint64_t number, OfferVerdict given) noexcept;
  void cancel() noexcept;
  // run calls back, unless the handle is gone. `last`: no more callbacks after this one.
  template <class Callback>
  bool run(bool last, Callback&& callback);
  // leave waits for a running callback, unless it is called from that, and lets none run any more.
  void leave() noexcept;
  // let_go forgets the callbacks and what they hold. The gate is held, and no callback runs.
  void let_go() noexcept;

  Carrier carrier;
  CarrierDelivery delivery;
  bool delivers = false;
  std::optional<TimePoint> deadline;
  std::chrono::milliseconds abandon_after{};

  std::mutex mutex;  // guards what follows; no callback and no foreign code runs under it
  std::condition_variable changed;
  std::optional<Outcome<>> result;  // of the worker
  bool over = false;                // reported: whatever the plugin still does has no effect
  std::optional<TimePoint> cancelled_at;
  bool cancel_sent = false;
  std::uint64_t asked = 0;  // number of the offer that waits for its verdict
  std::optional<OfferVerdict> verdict;

  // gate guards the callbacks, and is held while one runs, so that the destructor can wait for its end.
  // Recursive, for a callback may destroy the handle.
  std::recursive_mutex gate;
  bool left = false;     // the handle is gone
  bool running = false;  // a callback is, in the thread that holds the gate
  OnOffer on_offer;
  Done done;
};

struct OfferReply::Ticket {
  Ticket(std::shared_ptr<CarrierCall::State> call, std::uint64_t offer) : state(std::move(call)), number(offer) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() { state->answer(number, OfferVerdict::kRefused); }

  std::shared_ptr<CarrierCall::State> state;
  std::uint64_t number;
};

OfferReply::OfferReply(std::shared_ptr<Ticket> ticket) : ticket_(std::move(ticket)) {}

void OfferReply::operator()(OfferVerdict verdict) const noexcept { ticket_->state->answer(ticket_->number, verdict); }

void CarrierCall::State::answer(std::uint64_t number, OfferVerdict given) noexcept {
  const std::lock_guard lock(mutex);
  if (number != asked || verdict) return;
  verdict = given;
  changed.notify_all();
}

OfferVerdict CarrierCall::State::ask(const std::shared_ptr<State>& self, ByteView offer) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex);
    if (over || cancelled_at) return OfferVerdict::kRefused;
    number = ++asked;
    verdict.reset();
  }
  OfferReply reply(std::make_shared<OfferReply::Ticket>(self, number));
  if (!run(false, [&] { on_offer(to_bytes(offer), std::move(reply)); })) return OfferVerdict::kRefused;
  std::unique_lock lock(mutex);
  while (!verdict && !over && !cancelled_at) {
    const Duration left_over = deadline ? *deadline - carrier.now() : Duration(kLook);
    if (left_over <= Duration::zero()) break;
    changed.wait_for(lock, std::min<Duration>(left_over, kLook));
  }
  return verdict.value_or(OfferVerdict::kRefused);
}

void CarrierCall::State::work(const std::shared_ptr<State>& self) {
  auto ended = delivers ? carrier.deliver(delivery, *deadline)
                        : carrier.receive(deadline, [&](ByteView offer) { return ask(self, offer); });
  const std::lock_guard lock(mutex);
  result = std::move(ended);
  changed.notify_all();
}

void CarrierCall::State::send_cancel(const std::shared_ptr<State>& self, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  // A thread for this too: cancel is foreign code and may hang.
  if (!start_detached([self] { self->carrier.cancel(); })) carrier.cancel();
  lock.lock();
}

void CarrierCall::State::watch(const std::shared_ptr<State>& self) {
  Outcome<> reported;
  bool abandoned = false;
  {
    std::unique_lock lock(mutex);
    while (!result) {
      if (cancelled_at && !cancel_sent) {
        cancel_sent = true;
        send_cancel(self, lock);
        continue;
      }
      std::optional<TimePoint> last = deadline;
      if (cancelled_at && (!last || *cancelled_at < *last)) last = cancelled_at;
      if (!last) {
        changed.wait(lock);
        continue;
      }
      const auto left_over = *last + abandon_after - carrier.now();
      abandoned = left_over <= Duration::zero();
      if (abandoned) break;
      changed.wait_for(lock, std::min<Duration>(left_over, kLook));
    }
    over = true;
    changed.notify_all();
    if (abandoned) {
      reported = Failure{make_error_code(Errc::kCarrierFailed),
                         "carrier " + carrier.info().name + ": it did not return in time and was abandoned"};
    } else {
      reported = *result;
    }
  }
  run(true, [&] { done(std::move(reported)); });
}

void CarrierCall::State::cancel() noexcept {
  const std::lock_guard lock(mutex);
  if (over || cancelled_at) return;
  cancelled_at = carrier.now();
  changed.notify_all();
}

template <class Callback>
bool CarrierCall::State::run(bool last, Callback&& callback) {
  const std::lock_guard lock(gate);
  if (left) return false;
  running = true;
  callback();
  running = false;
  if (last || left) let_go();
  return true;
}

void CarrierCall::State::let_go() noexcept {
  left = true;
  OnOffer().swap(on_offer);
  Done().swap(done);
}

void CarrierCall::State::leave() noexcept {
  {
    const std::lock_guard lock(gate);
    left = true;
    if (!running) let_go();
  }
  cancel();
}

Outcome<CarrierCall> CarrierCall::deliver(Carrier carrier, CarrierDelivery delivery, TimePoint deadline, Done done,
                                          std::chrono::milliseconds abandon_after) {
  BOOST_ASSERT(done);
  auto state = std::make_shared<State>(std::move(carrier));
  state->delivers = true;
  state->delivery = std::move(delivery);
  state->deadline = deadline;
  state->done = std::move(done);
  state->abandon_after = abandon_after;
  return start(state);
}

Outcome<CarrierCall> CarrierCall::receive(Carrier carrier, std::optional<TimePoint> deadline, OnOffer on_offer,
                                          Done done, std::chrono::milliseconds abandon_after) {
  BOOST_ASSERT(on_offer && done);
  auto state = std::make_shared<State>(std::move(carrier));
  state->deadline = deadline;
  state->on_offer = std::move(on_offer);
  state->done = std::move(done);
  state->abandon_after = abandon_after;
  return start(state);
}

Outcome<CarrierCall> CarrierCall::start(const std::shared_ptr<State>& state) {
  CarrierCall call(state);
  // The watcher starts the worker: then only one of the two can be missing, and that is told.
  const bool started = start_detached([state] {
    if (!start_detached([state] { state->work(state); })) {
      const std::lock_guard lock(state->mutex);
      state->result = Outcome<>(no_thread());
    }
    state->watch(state);
  });
  if (!started) return no_thread();
  return call;
}

CarrierCall::CarrierCall(std::shared_ptr<State> state) : state_(std::move(state)) {}

CarrierCall& CarrierCall::operator=(CarrierCall&& other) noexcept {
  if (this != &other) {
    leave();
    state_ = std::move(other.state_);
  }
  return *this;
}

CarrierCall::~CarrierCall() { leave(); }

void CarrierCall::leave() noexcept {
  if (!state_) return;
  const auto state = std::move(state_);
  state->leave();
}

void CarrierCall::cancel() noexcept {
  BOOST_ASSERT(state_);
  state_->cancel();
}

}  // namespace quicket
