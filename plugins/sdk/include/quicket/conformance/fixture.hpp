#pragma once

#include <gtest/gtest.h>
#include <quicket/carrier.h>
#include <quicket/offer.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <quicket/conformance/channel.hpp>
#include <quicket/conformance/inbox.hpp>
#include <quicket/conformance/instance.hpp>

namespace quicket::conformance {

// What ends "at once" ends within this time.
constexpr std::chrono::milliseconds kAtOnce{100};
// A call that has not returned after this time waits for something.
constexpr std::chrono::milliseconds kBlocks{30};
// What lies in a channel that holds one offer is received within this time.
constexpr std::chrono::milliseconds kShows{300};
// What is refused is given this many milliseconds to be sent.
constexpr std::int64_t kRefuses = 5'000;

inline std::string subject_name(const testing::TestParamInfo<Subject>& info) { return info.param.name; }

// offer_of gives bytes that pass for a sealed offer, at least 2; others for another seed.
inline Octets offer_of(std::size_t size, unsigned seed = 1) {
  Octets offer(size);
  for (std::uint8_t& octet : offer) {
    seed = seed * 1'103'515'245 + 12'345;
    octet = static_cast<std::uint8_t>(seed >> 16);
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 2); ++i) offer[i] = 1;
  return offer;
}

class CarrierConformance : public testing::TestWithParam<Subject> {
 protected:
  const Subject& subject() const { return GetParam(); }
  const quicket_carrier& table() const { return table_; }
  const quicket_carrier_info& info() const { return *table_.info; }
  std::size_t limit() const { return info().max_offer == 0 ? kMaxOffer : info().max_offer; }
  bool can(quicket_carrier_capability one) const { return (info().capabilities & one) != 0; }

  std::unique_ptr<Channel> channel() const { return subject().make_channel(); }

  // Journey is a channel with an instance at each end, and what has arrived.
  struct Journey {
    explicit Journey(const CarrierConformance& test)
        : suite(test),
          channel(test.channel()),
          to(test.table(), channel->deliver_options(), channel.get(), false),
          from(test.table(), channel->receive_options(), channel.get(), true) {
      EXPECT_TRUE(to.is_open()) << to.opened().text;
      EXPECT_TRUE(from.is_open()) << from.opened().text;
    }
    ~Journey() { stop(); }

    // start receives in the background, again and again where receive ends on an empty channel.
    void start() {
      receiving.emplace([this] {
        for (;;) {
          End end = from.receive(inbox);
          const bool again = end.status == QUICKET_CARRIER_END && suite.subject().receive_ends;
          if (!again || stopping.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) return end;
        }
      });
    }
    // stop cancels what receives, and gives its end.
    End stop() {
      if (!receiving) return {};
      stop_now.set_value();
      from.cancel();
      const End end = receiving->end();
      receiving.reset();
      return end;
    }
    // arrive waits for so many offers.
    bool arrive(std::size_t count) const { return inbox.wait(count, suite.subject().patience); }

    const CarrierConformance& suite;
    std::unique_ptr<Channel> channel;
    Inbox inbox;
    std::promise<void> stop_now;
    std::future<void> stopping = stop_now.get_future();
    Instance to, from;
    std::optional<Call> receiving;
  };

  // expect_nothing_was_sent shows that what is sent now is the first to arrive, and where it would take the place of
  // what was sent before, that nothing is there.
  void expect_nothing_was_sent(Journey& journey) const {
    const Octets offer = offer_of(std::min<std::size_t>(200, limit()), 77);
    const Instance sender(table(), journey.channel->deliver_options(), journey.channel.get(), false);
    journey.start();
    if (subject().holds_one) {
      EXPECT_FALSE(journey.inbox.wait(1, kShows));
    }
    EXPECT_EQ(sender.deliver(offer).status, QUICKET_CARRIER_OK);
    EXPECT_TRUE(journey.arrive(1));
    EXPECT_EQ(journey.inbox.offers(), std::vector<Octets>{offer});
  }

  // expect_at_once takes the best of three: a busy machine may hold up any one of them. `attempt` gives the time.
  template <class Attempt>
  void expect_at_once(Attempt&& attempt) const {
    std::chrono::milliseconds best = std::chrono::hours(1);
    for (int i = 0; i < 3 && best > kAtOnce && !HasFailure(); ++i) best = std::min(best, attempt());
    EXPECT_LE(best, kAtOnce) << "milliseconds";
  }

  // time_to_cancel cancels an instance and gives how long its call went on then.
  static std::chrono::milliseconds time_to_cancel(const Instance& instance, Call& call) {
    EXPECT_FALSE(call.is_over_after(kBlocks)) << "the call does not wait";
    const std::int64_t start = now();
    instance.cancel();
    EXPECT_EQ(call.end().status, QUICKET_CARRIER_CANCELLED);
    return std::chrono::milliseconds(now() - start);
  }

 private:
  const quicket_carrier& table_ = load(subject().plugin);
};

}  // namespace quicket::conformance
