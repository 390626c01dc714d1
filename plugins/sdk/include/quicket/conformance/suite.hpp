#pragma once

#include <gtest/gtest.h>
#include <quicket/carrier.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <quicket/conformance/channel.hpp>
#include <quicket/conformance/fixture.hpp>
#include <quicket/conformance/hostile.hpp>
#include <quicket/conformance/inbox.hpp>
#include <quicket/conformance/instance.hpp>

// The tests that every carrier passes, built-in or not. In one source file of a test program:
//
//   #include <quicket/conformance/suite.hpp>
//   namespace quicket::conformance {
//   QUICKET_CARRIER_CONFORMANCE(std::vector<Subject>{...});
//   }
//
// Link it with GTest::gtest_main and quicket::quicket. Where a carrier has several ways to work, each is a Subject.
namespace quicket::conformance {

// What only some can do.
class BlockingConformance : public CarrierConformance {};
class WaitingConformance : public CarrierConformance {};
class AcknowledgingConformance : public CarrierConformance {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlockingConformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WaitingConformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AcknowledgingConformance);

template <class Predicate>
std::vector<Subject> those(std::vector<Subject> subjects, Predicate&& predicate) {
  std::erase_if(subjects, [&](const Subject& one) { return !predicate(one); });
  return subjects;
}

// QUICKET_CARRIER_CONFORMANCE makes the tests of some subjects, a std::vector. Once per test program, in this
// namespace.
#define QUICKET_CARRIER_CONFORMANCE(subjects)                                                                        \
  INSTANTIATE_TEST_SUITE_P(Carrier, CarrierConformance, testing::ValuesIn(subjects), subject_name);                  \
  INSTANTIATE_TEST_SUITE_P(Carrier, BlockingConformance,                                                             \
                           testing::ValuesIn(those(subjects, [](const Subject& one) { return one.blocks; })),        \
                           subject_name);                                                                            \
  INSTANTIATE_TEST_SUITE_P(Carrier, WaitingConformance,                                                              \
                           testing::ValuesIn(those(subjects, [](const Subject& one) { return !one.receive_ends; })), \
                           subject_name);                                                                            \
  INSTANTIATE_TEST_SUITE_P(Carrier, AcknowledgingConformance,                                                        \
                           testing::ValuesIn(those(subjects, [](const Subject& one) { return one.acknowledges; })),  \
                           subject_name)

TEST_P(CarrierConformance, DescribesItself) {
  EXPECT_EQ(table().abi_version, QUICKET_CARRIER_ABI_VERSION);
  EXPECT_GE(table().struct_size, sizeof(quicket_carrier));
  ASSERT_NE(table().info, nullptr);
  EXPECT_GE(info().struct_size, sizeof(quicket_carrier_info));
  const std::string_view name = info().name, summary = info().summary;
  EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), name.npos) << name;
  EXPECT_EQ(subject().plugin.filename(), "quicket-carrier-" + std::string(name) + ".so");
  EXPECT_FALSE(summary.empty());
  EXPECT_LE(summary.size(), 256u);
  EXPECT_TRUE(can(QUICKET_CARRIER_CAN_DELIVER) || can(QUICKET_CARRIER_CAN_RECEIVE));
  EXPECT_LE(info().max_offer, kMaxOffer);
  ASSERT_LE(info().option_count, 64u);
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i < info().option_count; ++i) {
    const std::string_view key = info().options[i].key, meaning = info().options[i].value;
    EXPECT_TRUE(keys.insert(key).second) << key << " is there twice";
    EXPECT_EQ(key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_"), key.npos) << key;
    EXPECT_FALSE(key.empty() || key.size() > 32) << key;
    EXPECT_FALSE(meaning.empty() || meaning.size() > 256) << key;
  }
}

TEST_P(CarrierConformance, HasTheFunctionsThatItNeeds) {
  EXPECT_NE(table().open, nullptr);
  EXPECT_NE(table().cancel, nullptr);
  EXPECT_NE(table().close, nullptr);
  EXPECT_TRUE(table().deliver != nullptr || !can(QUICKET_CARRIER_CAN_DELIVER));
  EXPECT_TRUE(table().receive != nullptr || !can(QUICKET_CARRIER_CAN_RECEIVE));
}

TEST_P(CarrierConformance, RefusesAnUnknownOptionAndNamesIt) {
  const auto channel = this->channel();
  Options options = channel->deliver_options();
  options["no-such-option"] = "1";
  const Instance instance(table(), options, channel.get());
  EXPECT_EQ(instance.opened().status, QUICKET_CARRIER_BAD_OPTION);
  EXPECT_NE(instance.opened().text.find("no-such-option"), std::string::npos) << instance.opened().text;
}

TEST_P(CarrierConformance, ClosesUnusedAndWhenCancelledTwice) {
  const auto channel = this->channel();
  { EXPECT_TRUE(Instance(table(), channel->deliver_options(), channel.get()).is_open()); }
  const Instance instance(table(), channel->deliver_options(), channel.get());
  ASSERT_TRUE(instance.is_open());
  instance.cancel();
  instance.cancel();
}

TEST_P(CarrierConformance, DeliversIntactAtEverySizeUpToItsLimit) {
  std::set<std::size_t> sizes{2, 3, limit() - 1, limit()};  // an offer has at least 2 bytes
  for (const std::size_t size : subject().sizes) sizes.insert(std::min(size, limit()));
  Journey journey(*this);
  journey.start();
  std::vector<Octets> sent;
  for (const std::size_t size : sizes) {
    sent.push_back(offer_of(size, static_cast<unsigned>(size)));
    const End end = journey.to.deliver(sent.back());
    ASSERT_EQ(end.status, QUICKET_CARRIER_OK) << size << " bytes: " << end.text;
    ASSERT_TRUE(journey.arrive(sent.size())) << size << " bytes";
  }
  EXPECT_EQ(journey.inbox.offers(), sent);
}

TEST_P(CarrierConformance, RefusesAnEmptyOfferBeforeSending) {
  Journey journey(*this);
  const End end = journey.to.deliver({}, kRefuses);
  EXPECT_TRUE(end.status == QUICKET_CARRIER_FAILED || end.status == QUICKET_CARRIER_TOO_LARGE) << end.status;
  EXPECT_FALSE(end.text.empty());
  expect_nothing_was_sent(journey);
}

TEST_P(CarrierConformance, RefusesAnOversizeOfferBeforeSending) {
  Journey journey(*this);
  const End end = journey.to.deliver(offer_of(limit() + 1), kRefuses);
  EXPECT_EQ(end.status, QUICKET_CARRIER_TOO_LARGE);
  EXPECT_FALSE(end.text.empty());
  EXPECT_EQ(journey.to.deliver(offer_of(kMaxOffer + 1), kRefuses).status, QUICKET_CARRIER_TOO_LARGE);
  expect_nothing_was_sent(journey);
}

TEST_P(CarrierConformance, CarriesTwoOffersAtOnceWithoutMixingThem) {
  Journey journey(*this);
  journey.start();
  const std::size_t size = std::min<std::size_t>(limit(), 20'000);
  const std::array offers{offer_of(size, 1), offer_of(size, 2)};
  Call one = journey.to.start_deliver(offers[0]), other = journey.to.start_deliver(offers[1]);
  EXPECT_EQ(one.end().status, QUICKET_CARRIER_OK);
  EXPECT_EQ(other.end().status, QUICKET_CARRIER_OK);
  ASSERT_TRUE(journey.arrive(subject().holds_one ? 1 : 2));
  for (const Octets& offer : journey.inbox.offers()) EXPECT_NE(std::ranges::find(offers, offer), offers.end());
}

TEST_P(CarrierConformance, DeliversAndReceivesAtOnceInOneInstance) {
  const auto channel = this->channel();
  Options options = channel->deliver_options();
  options.merge(channel->receive_options());
  const Instance both(table(), options, channel.get(), true);
  if (!both.is_open()) GTEST_SKIP() << "the options of both ends do not go together: " << both.opened().text;
  Inbox inbox;
  const Octets offer = offer_of(std::min<std::size_t>(200, limit()));
  Call receiving([&] {
    End end = both.receive(inbox);
    while (subject().receive_ends && end.status == QUICKET_CARRIER_END && inbox.calls() == 0) end = both.receive(inbox);
    return end;
  });
  EXPECT_EQ(both.deliver(offer).status, QUICKET_CARRIER_OK);
  EXPECT_TRUE(inbox.wait(1, subject().patience));
  both.cancel();
  receiving.end();
  EXPECT_EQ(inbox.offers(), std::vector<Octets>{offer});
}

TEST_P(BlockingConformance, EndsADeliveryAtOnceWhenCancelled) {
  expect_at_once([&] {
    const auto channel = this->channel();
    channel->block();
    const Instance instance(table(), channel->deliver_options(), channel.get());
    Call call = instance.start_deliver(offer_of(std::min<std::size_t>(200, limit())));
    return time_to_cancel(instance, call);
  });
}

TEST_P(WaitingConformance, EndsAReceiveAtOnceWhenCancelled) {
  expect_at_once([&] {
    const auto channel = this->channel();
    const Instance instance(table(), channel->receive_options(), channel.get(), true);
    Inbox inbox;
    Call call = instance.start_receive(inbox, 0);
    return time_to_cancel(instance, call);
  });
}

TEST_P(BlockingConformance, EndsADeliveryAtItsDeadline) {
  expect_at_once([&] {
    const auto channel = this->channel();
    channel->block();
    const Instance instance(table(), channel->deliver_options(), channel.get());
    const std::int64_t deadline = now() + 50;
    Call call = instance.start_deliver(offer_of(std::min<std::size_t>(200, limit())), 50);
    EXPECT_EQ(call.end().status, QUICKET_CARRIER_DEADLINE);
    EXPECT_GE(now(), deadline);
    return std::chrono::milliseconds(now() - deadline);
  });
}

TEST_P(WaitingConformance, EndsAReceiveAtItsDeadline) {
  expect_at_once([&] {
    const auto channel = this->channel();
    const Instance instance(table(), channel->receive_options(), channel.get(), true);
    Inbox inbox;
    const std::int64_t deadline = now() + 50;
    Call call = instance.start_receive(inbox, 50);
    EXPECT_EQ(call.end().status, QUICKET_CARRIER_DEADLINE);
    EXPECT_GE(now(), deadline);
    return std::chrono::milliseconds(now() - deadline);
  });
}

TEST_P(CarrierConformance, SendsNothingWhenItsDeadlineHasPassed) {
  Journey journey(*this);
  EXPECT_EQ(journey.to.deliver(offer_of(std::min<std::size_t>(100, limit())), -1'000).status, QUICKET_CARRIER_DEADLINE);
  expect_nothing_was_sent(journey);
}

TEST_P(CarrierConformance, SendsAndReceivesNothingOnceCancelled) {
  Journey journey(*this);
  journey.to.cancel();
  EXPECT_EQ(journey.to.deliver(offer_of(std::min<std::size_t>(100, limit()))).status, QUICKET_CARRIER_CANCELLED);
  const Instance cancelled(table(), journey.channel->receive_options(), journey.channel.get(), true);
  cancelled.cancel();
  Inbox inbox;
  EXPECT_EQ(cancelled.receive(inbox).status, QUICKET_CARRIER_CANCELLED);
  EXPECT_EQ(inbox.calls(), 0u);
  expect_nothing_was_sent(journey);
}

TEST_P(WaitingConformance, CancelsEveryCallOfTheInstance) {
  const auto channel = this->channel();
  const Instance instance(table(), channel->receive_options(), channel.get(), true);
  Inbox inbox;
  Call one = instance.start_receive(inbox), other = instance.start_receive(inbox);
  instance.cancel();
  EXPECT_EQ(one.end().status, QUICKET_CARRIER_CANCELLED);
  EXPECT_EQ(other.end().status, QUICKET_CARRIER_CANCELLED);
}

TEST_P(CarrierConformance, CancelsNoOtherInstance) {
  Journey one(*this), other(*this);
  one.start();
  other.start();
  one.to.cancel();
  one.stop();
  const Octets offer = offer_of(std::min<std::size_t>(100, limit()));
  EXPECT_EQ(other.to.deliver(offer).status, QUICKET_CARRIER_OK);
  EXPECT_TRUE(other.arrive(1));
  EXPECT_EQ(one.inbox.calls(), 0u);
}

TEST_P(CarrierConformance, CanBeClosedInTheMiddleOfAStreamOfOffers) {
  for (unsigned round = 0; round < 5; ++round) {
    Journey journey(*this);
    journey.start();
    Call delivering([&] {
      End end;
      for (unsigned seed = 0; seed < 20; ++seed) {
        end = journey.to.deliver(offer_of(std::min<std::size_t>(500, limit()), seed));
        if (end.status != QUICKET_CARRIER_OK) break;
      }
      return end;
    });
    ASSERT_TRUE(journey.arrive(subject().holds_one ? 1 : 1 + round % 3)) << "round " << round;
    const End end = journey.stop();
    EXPECT_TRUE(end.status == QUICKET_CARRIER_CANCELLED || end.status == QUICKET_CARRIER_END) << end.text;
    journey.to.cancel();
    const int delivered = delivering.end().status;
    EXPECT_TRUE(delivered == QUICKET_CARRIER_CANCELLED || delivered == QUICKET_CARRIER_OK) << delivered;
  }
}

TEST_P(CarrierConformance, GoesOnAfterEachVerdict) {
  Journey journey(*this);
  journey.inbox.plan({QUICKET_OFFER_REFUSED, QUICKET_OFFER_DUPLICATE, QUICKET_OFFER_ACCEPTED});
  journey.start();
  for (unsigned i = 1; i <= 4; ++i) {
    const int expected = i == 1 && subject().tells_refusals ? QUICKET_CARRIER_FAILED : QUICKET_CARRIER_OK;
    ASSERT_EQ(journey.to.deliver(offer_of(std::min<std::size_t>(100 + i, limit()), i)).status, expected);
    ASSERT_TRUE(journey.arrive(i));
  }
}

TEST_P(AcknowledgingConformance, NeverGivesAnOfferAgainOnceTheVerdictIsIn) {
  Journey journey(*this);
  journey.inbox.plan({QUICKET_OFFER_REFUSED, QUICKET_OFFER_DUPLICATE, QUICKET_OFFER_ACCEPTED});
  journey.start();
  for (unsigned i = 1; i <= 3; ++i) {
    ASSERT_EQ(journey.to.deliver(offer_of(std::min<std::size_t>(100 + i, limit()), i)).status, QUICKET_CARRIER_OK);
    ASSERT_TRUE(journey.arrive(i));
  }
  journey.stop();
  const Instance next(table(), journey.channel->receive_options(), journey.channel.get(), true);
  Call receiving([&] { return next.receive(journey.inbox); });
  const Octets last = offer_of(std::min<std::size_t>(200, limit()), 9);
  ASSERT_EQ(journey.to.deliver(last).status, QUICKET_CARRIER_OK);
  EXPECT_TRUE(journey.arrive(4));
  next.cancel();
  receiving.end();
  EXPECT_EQ(journey.inbox.calls(), 4u) << "one was given twice";
}

TEST_P(CarrierConformance, MakesNoOfferOfHostileBytesAndSurvivesThem) {
  const Octets offer = offer_of(std::min<std::size_t>(300, limit()), 5);
  for (const Octets& hostile : hostile_bytes()) {
    Journey journey(*this);
    if (subject().receive_ends) {
      journey.channel->inject(hostile);
      const End end = journey.from.receive(journey.inbox);
      EXPECT_TRUE(end.status == QUICKET_CARRIER_END || end.status == QUICKET_CARRIER_FAILED) << end.status;
      journey.start();
    } else {
      journey.start();
      journey.channel->inject(hostile);
    }
    ASSERT_EQ(journey.to.deliver(offer).status, QUICKET_CARRIER_OK);
    for (std::size_t count = 1; !journey.inbox.holds(offer); ++count) {
      ASSERT_TRUE(journey.arrive(count)) << "the offer behind " << hostile.size() << " hostile bytes was lost";
    }
    for (const Octets& got : journey.inbox.offers()) {
      EXPECT_TRUE(got == offer || (subject().raw && got == hostile)) << "an offer of " << got.size() << " bytes";
    }
  }
}

TEST_P(CarrierConformance, LogsAndTellsNoOffer) {
  Journey journey(*this);
  journey.start();
  const Octets offer = offer_of(std::min<std::size_t>(200, limit()), 3);
  const End sent = journey.to.deliver(offer);
  ASSERT_EQ(sent.status, QUICKET_CARRIER_OK);
  ASSERT_TRUE(journey.arrive(1));
  journey.channel->inject(hostile_bytes().front());
  const End end = journey.stop();
  std::vector<std::string> told{sent.text, end.text, journey.to.deliver(offer_of(limit() + 1, 3)).text};
  for (const Instance* instance : {&journey.to, &journey.from}) {
    for (std::string& line : instance->log()) told.push_back(std::move(line));
  }
  const std::array traces = traces_of(offer);
  for (const std::string& text : told) {
    for (const std::string& trace : traces) EXPECT_EQ(text.find(trace), std::string::npos) << text;
  }
}

}  // namespace quicket::conformance
