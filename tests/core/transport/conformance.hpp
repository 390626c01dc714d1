#pragma once

#include "core/transport/transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace quicket::test {

using namespace std::chrono_literals;

// What every Transport must do, whatever it is made of. To run it against one, write a world with it inside:
//
//   struct World {
//     Transport& transport();
//     TimePoint now();
//     void run_for(Duration);                 // lets time pass, and carries what leaves
//     void send(const Batch&);                // transport().send(), into this world
//     std::vector<Bytes> arrived();           // peers' datagrams that came to the other end since the last call
//     std::optional<HeldWindow> routed(const PeerId::Key&);  // what the other end routes to us for this key
//     void restart();                         // the other end forgets everything, and is there again at once
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(NameOfIt, TransportConformance, World);
struct HeldWindow {
  std::uint32_t first = 0, end = 0;
  friend bool operator==(const HeldWindow&, const HeldWindow&) = default;
};

template <class World>
class TransportConformance : public testing::Test {
 protected:
  static Registration registration(std::uint8_t number, std::uint32_t first = 1, std::uint32_t num = 64,
                                   std::uint8_t session = 1) {
    Identity::Seed seed{};
    seed.fill(std::byte{number});
    Registration made{.key = Identity::from_seed(seed), .session = {}, .first = first, .num = num, .peer_token = {}};
    made.session.fill(std::byte{session});
    return made;
  }
  static PeerId::Key key_of(const Registration& one) { return one.key.id().key(); }

  // hold states a window and lets the answer come.
  void hold(const Registration& one) {
    world_.transport().hold(one, world_.now());
    world_.run_for(3s);
    take_reports();
  }
  void take_reports() {
    while (auto report = world_.transport().report()) reports_.push_back(std::move(*report));
  }
  template <class Report>
  std::vector<Report> all(const PeerId::Key& key) const {
    std::vector<Report> found;
    for (const TransportReport& report : reports_) {
      const auto* one = std::get_if<Report>(&report);
      if (one && one->key == key) found.push_back(*one);
    }
    return found;
  }
  template <class Report>
  std::size_t count(const Registration& one) const {
    return all<Report>(key_of(one)).size();
  }

  World world_;
  std::vector<TransportReport> reports_;
};

TYPED_TEST_SUITE_P(TransportConformance);

TYPED_TEST_P(TransportConformance, ReportsOpenedAndThenGranted) {
  const auto one = this->registration(1);
  this->hold(one);
  ASSERT_EQ(this->reports_.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Opened>(this->reports_[0]));
  ASSERT_TRUE(std::holds_alternative<Granted>(this->reports_[1]));
  const Granted& granted = std::get<Granted>(this->reports_[1]);
  EXPECT_EQ(granted.key, this->key_of(one));
  EXPECT_EQ(granted.first, 1u);
  EXPECT_EQ(granted.end, 65u);
  EXPECT_FALSE(granted.observed.is_unspecified());
  EXPECT_GT(granted.round_trip, 0ns);
}

TYPED_TEST_P(TransportConformance, GetsTheWholeWindowRouted) {
  const auto one = this->registration(1, 7, 64);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), std::nullopt);
  this->hold(one);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{7, 71}));
}

TYPED_TEST_P(TransportConformance, DropsWhatIsSentBeforeOpened) {
  const Bytes datagram(100, std::byte{0x41});
  this->world_.transport().hold(this->registration(1), this->world_.now());
  this->world_.send({.bytes = datagram, .segment_size = datagram.size()});
  this->world_.run_for(3s);
  EXPECT_TRUE(this->world_.arrived().empty());
}

TYPED_TEST_P(TransportConformance, CarriesDatagramsUnchangedAndInOrder) {
  this->hold(this->registration(1));
  Bytes first(100, std::byte{0x41}), second(60, std::byte{0x42});
  Bytes both = first;
  both.insert(both.end(), second.begin(), second.end());
  this->world_.send({.bytes = both, .segment_size = first.size()});
  this->world_.run_for(1s);
  EXPECT_EQ(this->world_.arrived(), (std::vector<Bytes>{first, second}));
}

TYPED_TEST_P(TransportConformance, GrantsAgainWhenTheWindowGrows) {
  const auto one = this->registration(1, 1, 64);
  this->hold(one);
  this->hold(this->registration(1, 1, 96));
  const auto granted = this->template all<Granted>(this->key_of(one));
  ASSERT_EQ(granted.size(), 2u);
  EXPECT_EQ(granted[1].first, 1u);
  EXPECT_EQ(granted[1].end, 97u);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{1, 97}));
}

TYPED_TEST_P(TransportConformance, GrantsAgainWhenTheWindowSlides) {
  const auto one = this->registration(1, 1, 64);
  this->hold(one);
  this->hold(this->registration(1, 33, 64));
  const auto granted = this->template all<Granted>(this->key_of(one));
  ASSERT_EQ(granted.size(), 2u);
  EXPECT_EQ(granted[1].first, 33u);
  EXPECT_EQ(granted[1].end, 97u);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{33, 97}));
}

TYPED_TEST_P(TransportConformance, NeverShrinksAWindow) {
  const auto one = this->registration(1, 33, 64);
  this->hold(one);
  this->hold(this->registration(1, 1, 8));
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{33, 97}));
}

TYPED_TEST_P(TransportConformance, SaysNothingWhenTheSameWindowIsHeldAgain) {
  const auto one = this->registration(1);
  this->hold(one);
  this->reports_.clear();
  for (int i = 0; i < 5; ++i) this->hold(one);
  EXPECT_TRUE(this->reports_.empty());
}

TYPED_TEST_P(TransportConformance, SettlesOnTheLastOfManyChangesAtOnce) {
  const auto one = this->registration(1);
  for (std::uint32_t first = 1; first <= 100; ++first)
    this->world_.transport().hold(this->registration(1, first, 64), this->world_.now());
  this->world_.run_for(3s);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{100, 164}));
}

TYPED_TEST_P(TransportConformance, HoldsSeveralKeysAtOnce) {
  for (std::uint8_t number = 1; number <= 40; ++number) {
    this->world_.transport().hold(this->registration(number, 1, 16, number), this->world_.now());
  }
  this->world_.run_for(5s);
  this->take_reports();
  for (std::uint8_t number = 1; number <= 40; ++number) {
    const auto one = this->registration(number);
    EXPECT_EQ(this->template count<Opened>(one), 1u) << int{number};
    EXPECT_EQ(this->template count<Granted>(one), 1u) << int{number};
    EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{1, 17})) << int{number};
  }
}

TYPED_TEST_P(TransportConformance, KeepsARegistrationForHoursWithoutBeingAsked) {
  const auto one = this->registration(1);
  this->hold(one);
  for (int quarter = 0; quarter < 12; ++quarter) {
    this->world_.run_for(15min);
    EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{1, 65}));
  }
  this->take_reports();
  EXPECT_EQ(this->template count<Interrupted>(one), 0u);
}

TYPED_TEST_P(TransportConformance, ForgetsWhatIsReleased) {
  const auto one = this->registration(1), other = this->registration(2);
  this->hold(one);
  this->hold(other);
  this->reports_.clear();
  this->world_.transport().release(this->key_of(one), this->world_.now());
  this->world_.run_for(5min);
  this->take_reports();
  EXPECT_EQ(this->world_.routed(this->key_of(one)), std::nullopt);
  EXPECT_EQ(this->world_.routed(this->key_of(other)), (HeldWindow{1, 65}));
  EXPECT_TRUE(this->reports_.empty());
}

TYPED_TEST_P(TransportConformance, ReportsNothingOfAKeyThatWasReleasedMeanwhile) {
  const auto one = this->registration(1);
  this->world_.transport().hold(one, this->world_.now());
  this->world_.run_for(3s);
  this->world_.transport().release(this->key_of(one), this->world_.now());
  this->take_reports();
  EXPECT_TRUE(this->reports_.empty());
}

TYPED_TEST_P(TransportConformance, TakesAReleasedKeyAgain) {
  const auto one = this->registration(1);
  this->hold(one);
  this->world_.transport().release(this->key_of(one), this->world_.now());
  this->reports_.clear();
  this->hold(one);
  EXPECT_EQ(this->template count<Granted>(one), 1u);
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{1, 65}));
}

TYPED_TEST_P(TransportConformance, IgnoresTheReleaseOfAnUnknownKey) {
  this->world_.transport().release(this->key_of(this->registration(9)), this->world_.now());
  const auto one = this->registration(1);
  this->hold(one);
  EXPECT_EQ(this->template count<Granted>(one), 1u);
}

TYPED_TEST_P(TransportConformance, RefusesTheThirdKeyOfASessionForGood) {
  this->hold(this->registration(1, 1, 64, 5));
  this->hold(this->registration(2, 1, 64, 5));
  const auto third = this->registration(3, 1, 64, 5);
  this->hold(third);
  const auto refused = this->template all<Refused>(this->key_of(third));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(refused[0].final);
  EXPECT_EQ(refused[0].why.code, make_error_code(Errc::kAnsweredElsewhere));
  EXPECT_EQ(this->template count<Granted>(third), 0u);
}

TYPED_TEST_P(TransportConformance, DescribesItselfForAnOfferOnceGranted) {
  this->hold(this->registration(1));
  const RelayHint hint = this->world_.transport().hint();
  EXPECT_GE(hint.addresses.size(), 1u);
  EXPECT_LE(hint.addresses.size(), 4u);
  EXPECT_EQ(hint.pin.has_value(), hint.host.empty());
  for (const Address& address : hint.addresses) EXPECT_EQ(std::ranges::count(hint.addresses, address), 1);
}

TYPED_TEST_P(TransportConformance, RegistersAgainByItselfWhenTheOtherEndForgot) {
  const auto one = this->registration(1);
  this->hold(one);
  this->reports_.clear();
  this->world_.restart();
  EXPECT_EQ(this->world_.routed(this->key_of(one)), std::nullopt);
  this->world_.run_for(2min);
  this->take_reports();
  EXPECT_EQ(this->template count<Interrupted>(one), 1u);
  EXPECT_EQ(this->template count<Granted>(one), 1u);
  ASSERT_FALSE(this->reports_.empty());
  EXPECT_TRUE(std::holds_alternative<Interrupted>(this->reports_.front()));
  EXPECT_TRUE(std::holds_alternative<Granted>(this->reports_.back()));
  EXPECT_EQ(this->world_.routed(this->key_of(one)), (HeldWindow{1, 65}));
}

REGISTER_TYPED_TEST_SUITE_P(TransportConformance, ReportsOpenedAndThenGranted, GetsTheWholeWindowRouted,
                            DropsWhatIsSentBeforeOpened, CarriesDatagramsUnchangedAndInOrder,
                            GrantsAgainWhenTheWindowGrows, GrantsAgainWhenTheWindowSlides, NeverShrinksAWindow,
                            SaysNothingWhenTheSameWindowIsHeldAgain, SettlesOnTheLastOfManyChangesAtOnce,
                            HoldsSeveralKeysAtOnce, KeepsARegistrationForHoursWithoutBeingAsked, ForgetsWhatIsReleased,
                            ReportsNothingOfAKeyThatWasReleasedMeanwhile, TakesAReleasedKeyAgain,
                            IgnoresTheReleaseOfAnUnknownKey, RefusesTheThirdKeyOfASessionForGood,
                            DescribesItselfForAnOfferOnceGranted, RegistersAgainByItselfWhenTheOtherEndForgot);

}  // namespace quicket::test
