#include "apps/quicket/story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <quicket/identity.hpp>

#include <algorithm>
#include <sstream>

namespace quicket::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr TimePoint kStart{1h};
constexpr UnixTime kNow{1'795'357'091s};

Identity identity_of(int number) {
  Identity::Seed seed{};
  seed[0] = std::byte(number);
  return Identity::from_seed(seed);
}

class StoryTest : public testing::Test {
 protected:
  explicit StoryTest(Story::Setting setting = {.destination = "offer.json"})
      : bob_{identity_of(1).id(), "bob", true},
        output_(results_, messages_, {}),
        story_(output_, trust_, std::move(setting)) {
    trust_.add("bob", bob_.id).value();
  }

  void on(const Progress& progress, TimePoint now = kStart) { story_.on_progress(progress, &bob_, now, kNow); }
  std::string said() const { return messages_.str(); }
  static PathInfo path(PathInfo::Kind kind = PathInfo::Kind::kRelay) {
    return {.kind = kind, .remote = Address::parse("203.0.113.5:4433").value(), .smoothed_rtt = 100ms, .min_rtt = 23ms};
  }

  std::ostringstream results_, messages_;
  NamedPeer bob_;
  TrustStore trust_;
  Output output_;
  Story story_;
};

class HintingStoryTest : public StoryTest {
 protected:
  HintingStoryTest() : StoryTest({.hint = [](const error_code&) { return "; a hint"; }}) {}
};

class OneCarrierStoryTest : public StoryTest {
 protected:
  OneCarrierStoryTest() : StoryTest({.destination = "offer.json", .only_carrier = true}) {}
};

TEST_F(StoryTest, TellsOfTheOffer) {
  on(OfferMade{.size = 243, .kind = OfferKind::kSealed, .expires = kNow + 15min});
  EXPECT_TRUE(story_.offer_is_out());
  on(OfferDelivered{.carrier = "stdio"});
  on(OfferDelivered{.carrier = "qr"});
  EXPECT_EQ(said(), "offer   sealed for bob, 243 bytes, valid 15 min -> offer.json\n");
}

TEST_F(OneCarrierStoryTest, TellsNothingOfAnOfferThatItsCarrierCouldNotDeliver) {
  on(OfferMade{.size = 243, .kind = OfferKind::kSealed, .expires = kNow + 15min});
  on(CarrierStopped{.carrier = "stdio", .why = {Errc::kCarrierFailed, "no such folder"}});
  EXPECT_EQ(said(), "");
}

TEST_F(StoryTest, TellsOfAnOfferWhoseDeliveryTakesTime) {
  on(OfferMade{.size = 243, .kind = OfferKind::kSealed, .expires = kNow + 15min});
  story_.waiting("bob", 1s);
  EXPECT_THAT(said(), HasSubstr("sealed for bob"));
}

TEST_F(StoryTest, SaysWhenTheOfferIsNotSealed) {
  on(OfferMade{.size = 243, .kind = OfferKind::kOpen, .expires = kNow + 15min});
  on(OfferDelivered{.carrier = "stdio"});
  EXPECT_THAT(said(), HasSubstr("not sealed, for bob"));
}

TEST_F(StoryTest, SaysThatAPairingOfferIsForOneOnly) {
  on(OfferMade{.size = 170, .kind = OfferKind::kPairing, .expires = kNow + 10min});
  on(OfferDelivered{.carrier = "stdio"});
  EXPECT_EQ(said(), "offer   for bob and nobody else, 170 bytes, valid 10 min -> offer.json\n");
}

TEST_F(StoryTest, TellsWhoWasMetAndWhatToDoNextTime) {
  story_.paired(bob_);
  EXPECT_EQ(said(), "paired  bob = " + bob_.id.short_string() + ", saved (next time: quicket dial bob)\n");
}

TEST_F(StoryTest, TellsTheDialerHowLongTheAnswerTook) {
  on(PeerAnswered{});
  story_.linked(bob_, path(), kStart + 1'200ms);
  EXPECT_EQ(said(), "linked  bob via relay 203.0.113.5 · 23 ms · 1.2 s after the answer\n");
}

TEST_F(StoryTest, TellsTheAccepterHowLongTheOfferTook) {
  on(OfferAccepted{.from = bob_.id});
  story_.linked(bob_, path(), kStart + 47ms);
  EXPECT_EQ(said(), "linked  bob via relay 203.0.113.5 · 23 ms · 47 ms after the offer was read\n");
}

TEST_F(StoryTest, TellsOnceWhenThePathBecomesDirect) {
  story_.linked(bob_, path(), kStart);
  story_.moving(path(), {}, 1s, false);
  story_.moving(path(PathInfo::Kind::kDirect), {}, 2s, false);
  story_.moving(path(PathInfo::Kind::kDirect), {}, 3s, false);
  EXPECT_THAT(said(), testing::EndsWith("23 ms\ndirect  203.0.113.5:4433 · 23 ms\n"));
}

TEST_F(StoryTest, TellsWhatWentOver) {
  story_.finished(bob_, {.sent = 1'310'000'000}, 9'800ms);
  EXPECT_EQ(said(), "sent    1.31 GB in 9.8 s (134 MB/s)\n");
}

TEST_F(StoryTest, TellsWhatWasDropped) {
  story_.finished(bob_, {.sent = 1, .dropped = 5}, 1s);
  EXPECT_THAT(said(), HasSubstr("warning: 5 bytes from bob were not taken (--send-only)"));
}

TEST_F(StoryTest, TellsOfACarrierThatFailed) {
  on(CarrierStopped{.carrier = "qr", .why = {Errc::kCarrierFailed, "no camera"}});
  EXPECT_EQ(said(), "warning: carrier qr: no camera\n");
}

TEST_F(StoryTest, NamesACarrierThatFailedOnce) {
  on(CarrierStopped{.carrier = "qr", .why = {Errc::kCarrierFailed, "carrier qr: no camera"}});
  EXPECT_EQ(said(), "warning: carrier qr: no camera\n");
}

TEST_F(OneCarrierStoryTest, LeavesItsFailureToTheErrorThatEndsTheProgram) {
  on(CarrierStopped{.carrier = "qr", .why = {Errc::kCarrierFailed, "no camera"}});
  EXPECT_EQ(said(), "");
}

TEST_F(StoryTest, TellsOnceThatTheRelayIsLostAndOnceThatItIsBack) {
  PathInfo none = path();
  none.remote = {};
  story_.linked(bob_, path(), kStart);
  EXPECT_EQ(story_.lost_relay(), std::nullopt);
  story_.moving(none, {}, 1s, false);
  story_.moving(none, {}, 2s, false);
  EXPECT_EQ(story_.lost_relay(), path().remote);
  EXPECT_THAT(said(), testing::EndsWith("23 ms\nlost    relay 203.0.113.5:4433 does not answer; trying again\n"));
  story_.moving(path(), {}, 3s, false);
  story_.moving(path(), {}, 4s, false);
  EXPECT_EQ(story_.lost_relay(), std::nullopt);
  EXPECT_THAT(said(), testing::EndsWith("trying again\nrelay   203.0.113.5:4433 · 23 ms\n"));
}

TEST_F(StoryTest, KeepsQuietAboutCarriersThatCameToTheirEnd) {
  on(CarrierStopped{.carrier = "stdio", .why = {Errc::kCarrierNothing, {}}});
  EXPECT_EQ(said(), "");
}

TEST_F(StoryTest, TellsOfRefusalsByName) {
  on(OfferRefused{.carrier = "stdio",
                  .why = {Errc::kOfferExpired, "this offer from " + bob_.id.to_string() + " expired"}});
  EXPECT_EQ(said(), "warning: refused: this offer from bob expired\n");
}

TEST_F(StoryTest, TellsOfAttemptsThatFailed) {
  on(AttemptFailed{.from = bob_.id, .why = {Errc::kHandshakeFailed, {}}});
  EXPECT_EQ(said(), "warning: bob: the handshake failed\n");
}

TEST_F(HintingStoryTest, SaysWhatAPersonMayNeedToKnowBesides) {
  on(OfferRefused{.carrier = "stdio", .why = {Errc::kOfferExpired, "it expired"}});
  EXPECT_EQ(said(), "warning: refused: it expired; a hint\n");
}

TEST_F(StoryTest, ShowsNoMoreThanSoManyOffersThatLeadToNothing) {
  for (std::size_t i = 0; i < 2 * Story::kMostComplaints; ++i)
    on(OfferRefused{.carrier = "stdio", .why = {Errc::kOfferExpired, {}}});
  const std::string text = said();
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(Story::kMostComplaints + 1));
  EXPECT_THAT(text, testing::EndsWith("warning: more offers that lead to nothing are not shown\n"));
}

TEST_F(StoryTest, ShowsThemAgainAfterAConnection) {
  for (std::size_t i = 0; i < Story::kMostComplaints; ++i)
    on(OfferRefused{.carrier = "stdio", .why = {Errc::kOfferExpired, {}}});
  story_.linked(bob_, path(), kStart);
  on(OfferRefused{.carrier = "stdio", .why = {Errc::kOfferExpired, "late"}});
  EXPECT_THAT(said(), testing::EndsWith("warning: refused: late\n"));
}

TEST_F(StoryTest, WithNamesLeavesStrangersAsTheyAre) {
  const std::string stranger = identity_of(2).id().to_string();
  EXPECT_EQ(with_names({Errc::kOfferExpired, "from " + stranger}, trust_), "from " + stranger);
}

TEST_F(StoryTest, WithNamesKeepsTheKeysWhereTheyMatter) {
  const std::string id = bob_.id.to_string();
  EXPECT_EQ(with_names({Errc::kPeerKeyMismatch, "expected " + id + " and " + id}, trust_),
            "expected bob (" + id + ") and bob (" + id + ")");
}

}  // namespace
}  // namespace quicket::cli
