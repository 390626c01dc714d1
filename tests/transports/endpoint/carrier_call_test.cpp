#include "transports/endpoint/carrier_call.hpp"

#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>

#include <future>
#include <latch>
#include <mutex>
#include <thread>

#include "tests/core/carrier/host.hpp"
#include "tests/transports/endpoint/wake_pipe.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Carrier opened(const std::string& name, const CarrierOptions& options = {}) {
  const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, real_services());
  return library.open({.name = name, .options = options}).value();
}

// Ending is the result that a call reports.
class Ending {
 public:
  CarrierCall::Done done() {
    return [promise = promise_](Outcome<> result) { promise->set_value(std::move(result)); };
  }
  Outcome<> wait() {
    auto future = promise_->get_future();
    if (future.wait_for(kPatience) != std::future_status::ready) return Failure{{}, "done was not called"};
    return future.get();
  }

 private:
  std::shared_ptr<std::promise<Outcome<>>> promise_ = std::make_shared<std::promise<Outcome<>>>();
};

// HangingCarrier ignores deadlines and cancel, and hangs in cancel too, until it is let go.
struct HangingCarrier {
  Pipe until, closed;
  Carrier open() const { return opened("hanging", {{"until", until.out()}, {"closed", closed.in()}}); }
  // let_go ends what hangs, and returns when the instance is closed: no thread outlives its test.
  void let_go() const {
    until.write();
    closed.read();
  }
};

CarrierCall::OnOffer accept_all() {
  return [](Bytes, OfferReply reply) { reply(OfferVerdict::kAccepted); };
}

TEST(CarrierCall, DeliversAndReceives) {
  const Carrier carrier = opened("memory");
  Ending delivered;
  const auto deliver = CarrierCall::deliver(carrier, {.offer = sealed_offer(300)}, boot_time() + 10s, delivered.done());
  ASSERT_TRUE(deliver);
  ASSERT_TRUE(delivered.wait());

  Ending received;
  std::promise<Bytes> offer;
  const auto receive = CarrierCall::receive(
      carrier, std::nullopt,
      [&](Bytes bytes, OfferReply reply) {
        offer.set_value(std::move(bytes));
        reply(OfferVerdict::kAccepted);
      },
      received.done());
  ASSERT_TRUE(receive);
  EXPECT_TRUE(received.wait());
  EXPECT_EQ(offer.get_future().get(), sealed_offer(300));
}

TEST(CarrierCall, ReportsAFailure) {
  Ending ending;
  const auto call =
      CarrierCall::deliver(opened("memory"), {.offer = sealed_offer(1'001)}, boot_time() + 10s, ending.done());
  const auto result = ending.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kCarrierTooSmall);
}

TEST(CarrierCall, TakesAVerdictThatComesLaterFromAnotherThread) {
  TestLog log;
  const Carrier carrier =
      CarrierLibrary({.install_dir = QUICKET_TEST_CARRIERS}, real_services(&log)).open({.name = "memory"}).value();
  ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(10)}, boot_time() + 10s));
  Ending ending;
  std::promise<OfferReply> asked;
  const auto call = CarrierCall::receive(
      carrier, std::nullopt, [&](Bytes, OfferReply reply) { asked.set_value(std::move(reply)); }, ending.done());
  asked.get_future().get()(OfferVerdict::kDuplicate);
  ASSERT_TRUE(ending.wait());
  EXPECT_EQ(log.lines().back(), "memory: verdict 1");
}

TEST(CarrierCall, RefusesAnOfferWhoseReplyIsDropped) {
  TestLog log;
  const Carrier carrier =
      CarrierLibrary({.install_dir = QUICKET_TEST_CARRIERS}, real_services(&log)).open({.name = "memory"}).value();
  ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(10)}, boot_time() + 10s));
  Ending ending;
  const auto call = CarrierCall::receive(
      carrier, std::nullopt, [](Bytes, OfferReply) {}, ending.done());
  ASSERT_TRUE(ending.wait());
  EXPECT_EQ(log.lines().back(), "memory: verdict 2");
}

TEST(CarrierCall, KeepsTheVerdictWhenCancelledRightAfterIt) {
  TestLog log;
  const Carrier carrier =
      CarrierLibrary({.install_dir = QUICKET_TEST_CARRIERS}, real_services(&log)).open({.name = "memory"}).value();
  ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(10)}, boot_time() + 10s));
  Ending ending;
  std::promise<OfferReply> asked;
  auto call = CarrierCall::receive(
      carrier, std::nullopt, [&](Bytes, OfferReply reply) { asked.set_value(std::move(reply)); }, ending.done());
  const OfferReply reply = asked.get_future().get();
  reply(OfferVerdict::kAccepted);
  reply(OfferVerdict::kRefused);
  call->cancel();
  ending.wait();
  EXPECT_EQ(log.lines().back(), "memory: verdict 0");
}

TEST(CarrierCall, AbandonsADeliveryThatHangsPastItsDeadline) {
  const HangingCarrier hanging;
  Ending ending;
  std::optional call =
      CarrierCall::deliver(hanging.open(), {.offer = sealed_offer(10)}, boot_time() + 10ms, ending.done(), 10ms);
  const auto result = ending.wait();
  call.reset();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(result.error().detail, HasSubstr("abandoned"));
  hanging.let_go();
}

TEST(CarrierCall, AbandonsAReceiveThatIgnoresCancel) {
  const HangingCarrier hanging;
  Ending ending;
  std::optional call = CarrierCall::receive(hanging.open(), std::nullopt, accept_all(), ending.done(), 10ms);
  call->value().cancel();
  const auto result = ending.wait();
  call.reset();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().detail, HasSubstr("abandoned"));
  hanging.let_go();
}

TEST(CarrierCall, KeepsAnAbandonedInstanceUntilItsCallReturns) {
  const HangingCarrier hanging;
  {
    Ending ending;
    auto call = CarrierCall::receive(hanging.open(), std::nullopt, accept_all(), ending.done(), 1ms);
    call->cancel();
    ASSERT_FALSE(ending.wait());
  }
  EXPECT_FALSE(hanging.closed.readable(0ms));
  hanging.let_go();
}

TEST(CarrierCall, HandsOverNoOfferAfterItWasAbandoned) {
  const HangingCarrier hanging;
  Ending ending;
  const auto offers = std::make_shared<std::atomic<int>>(0);
  {
    auto call = CarrierCall::receive(
        hanging.open(), std::nullopt, [offers](Bytes, OfferReply) { ++*offers; }, ending.done(), 1ms);
    call->cancel();
    ASSERT_FALSE(ending.wait());
  }
  hanging.let_go();  // receive now calls on_offer, and then the instance is closed
  EXPECT_EQ(*offers, 0);
}

TEST(CarrierCall, DoesNotWaitForAHangingCarrierWhenDestroyedAndNeverCallsBack) {
  const HangingCarrier hanging;
  const auto called = std::make_shared<std::atomic<bool>>(false);
  {
    const auto call = CarrierCall::receive(
        hanging.open(), std::nullopt, accept_all(), [called](Outcome<>) { *called = true; }, 1ms);
    ASSERT_TRUE(call);
  }
  EXPECT_EQ(called.use_count(), 1);  // what the callbacks hold is gone with the call
  hanging.let_go();
  EXPECT_FALSE(*called);
}

TEST(CarrierCall, MayBeDestroyedByItsOwnCallback) {
  const Carrier carrier = opened("memory");
  auto call = std::make_shared<std::optional<CarrierCall>>();
  std::promise<void> ended;
  std::latch stored(1);
  auto started = CarrierCall::deliver(carrier, {.offer = sealed_offer(10)}, boot_time() + 10s, [&](Outcome<>) {
    stored.wait();
    call->reset();
    ended.set_value();
  });
  ASSERT_TRUE(started);
  call->emplace(std::move(*started));
  stored.count_down();
  EXPECT_EQ(ended.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST(CarrierCall, LetsGoOfWhatItsCallbacksHoldWhenItIsReplaced) {
  const auto held = std::make_shared<int>(1);
  Ending first, second;
  auto call = CarrierCall::receive(
      opened("memory"), std::nullopt, [held](Bytes, OfferReply reply) { reply(OfferVerdict::kAccepted); },
      first.done());
  ASSERT_TRUE(first.wait());
  *call = *CarrierCall::receive(opened("memory"), std::nullopt, accept_all(), second.done());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_TRUE(second.wait());
}

TEST(CarrierCall, BlocksSignalsInItsThreads) {
  Ending ending;
  std::promise<sigset_t> mask;
  const auto call =
      CarrierCall::deliver(opened("memory"), {.offer = sealed_offer(10)}, boot_time() + 10s, [&](Outcome<>) {
        sigset_t blocked;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        mask.set_value(blocked);
      });
  const sigset_t blocked = mask.get_future().get();
  EXPECT_EQ(::sigismember(&blocked, SIGINT), 1);
  EXPECT_EQ(::sigismember(&blocked, SIGCHLD), 1);
}

}  // namespace
}  // namespace quicket
