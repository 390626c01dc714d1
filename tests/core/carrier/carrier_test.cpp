#include <quicket/carrier.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/core/carrier/host.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Carrier opened(const std::string& name, const CarrierOptions& options = {}, HostServices services = real_services()) {
  const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, std::move(services));
  return library.open({.name = name, .options = options}).value();
}

TimePoint soon() { return boot_time() + 10s; }

// received runs receive to its end and gives what came, answering with `verdict`.
std::vector<Bytes> received(const Carrier& carrier, OfferVerdict verdict = OfferVerdict::kAccepted) {
  std::vector<Bytes> offers;
  const auto ended = carrier.receive(std::nullopt, [&](ByteView offer) {
    offers.push_back(to_bytes(offer));
    return verdict;
  });
  EXPECT_TRUE(ended);
  return offers;
}

TEST(Carrier, CarriesOffersInOrder) {
  const Carrier carrier = opened("memory");
  for (unsigned seed = 1; seed <= 3; ++seed) ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(500, seed)}, soon()));
  EXPECT_THAT(received(carrier), ElementsAre(sealed_offer(500, 1), sealed_offer(500, 2), sealed_offer(500, 3)));
}

TEST(Carrier, TellsThePluginWhomTheOfferIsForAndUntilWhen) {
  TestLog log;
  const Carrier carrier = opened("memory", {}, real_services(&log));
  PeerId::Key key{};
  key[0] = std::byte{7};
  const PeerId peer(key);
  const RelayUrl relay{.host = "relay.example.org", .port = 4433};
  ASSERT_TRUE(
      carrier.deliver({.offer = sealed_offer(10), .recipient = peer, .home_relays = {relay}}, TimePoint(1'234'567ms)));
  EXPECT_THAT(log.lines(), ElementsAre("memory: to " + peer.to_string(), "memory: by " + relay.to_string(),
                                       "memory: until 1234567"));
}

TEST(Carrier, TellsThePluginTheHostsVerdict) {
  TestLog log;
  const Carrier carrier = opened("memory", {}, real_services(&log));
  for (const auto verdict : {OfferVerdict::kAccepted, OfferVerdict::kDuplicate, OfferVerdict::kRefused}) {
    ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(10)}, soon()));
    received(carrier, verdict);
    EXPECT_EQ(log.lines().back(), "memory: verdict " + std::to_string(static_cast<int>(verdict)));
  }
}

TEST(Carrier, TranslatesHowACallEnded) {
  const std::pair<int, Errc> cases[] = {{1, Errc::kCancelled},       {2, Errc::kDialDeadline},
                                        {4, Errc::kCarrierTooSmall}, {5, Errc::kCarrierOption},
                                        {6, Errc::kCarrierFailed},   {42, Errc::kCarrierFailed}};
  for (const auto& [status, error] : cases) {
    const auto delivered =
        opened("memory", {{"status", std::to_string(status)}}).deliver({.offer = sealed_offer(10)}, soon());
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, error) << status;
    EXPECT_EQ(delivered.error().detail, "carrier memory: told to?[2J");
  }
}

TEST(Carrier, RefusesWhatDoesNotFitBeforeThePluginSeesIt) {
  TestLog log;
  const Carrier carrier = opened("memory", {}, real_services(&log));
  const auto delivered = carrier.deliver({.offer = sealed_offer(1'001)}, soon());
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kCarrierTooSmall);
  EXPECT_TRUE(log.lines().empty());
}

TEST(Carrier, RefusesWhatIsNoOffer) {
  const Carrier carrier = opened("memory");
  EXPECT_EQ(carrier.deliver({.offer = {}}, soon()).error().code, Errc::kOfferMalformed);
}

TEST(Carrier, RefusesTheDirectionThatItDoesNotHave) {
  const auto delivered = opened("plain").deliver({.offer = sealed_offer(10)}, soon());
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kUnsupported);
}

TEST(Carrier, HandsTheHostOnlyOffersThatCanBeSome) {
  EXPECT_THAT(received(opened("plain")), ElementsAre(to_bytes(as_bytes("\1\1hi"))));
}

TEST(Carrier, StaysCancelled) {
  const Carrier carrier = opened("memory");
  carrier.cancel();
  carrier.cancel();
  EXPECT_EQ(carrier.deliver({.offer = sealed_offer(10)}, soon()).error().code, Errc::kCancelled);
}

TEST(Carrier, KeepsTheHostsExceptionsFromThePlugin) {
  const Carrier carrier = opened("memory");
  ASSERT_TRUE(carrier.deliver({.offer = sealed_offer(10)}, soon()));
  const auto ended = carrier.receive(std::nullopt, [](ByteView) -> OfferVerdict { throw std::runtime_error("host"); });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::kInternal);
}

TEST(Carrier, TurnsAPluginsExceptionsIntoFailures) {
  const auto delivered = opened("throwing", {{"where", "deliver"}}).deliver({.offer = sealed_offer(10)}, soon());
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
  const auto ended =
      opened("throwing", {{"where", "receive"}}).receive(soon(), [](ByteView) { return OfferVerdict::kAccepted; });
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().detail, HasSubstr("thrown by receive"));
}

TEST(Carrier, TakesStatusesOutOfRangeForFailures) {
  const Carrier garbage = opened("garbage", {{"how", "status"}});
  const auto delivered = garbage.deliver({.offer = sealed_offer(10)}, soon());
  ASSERT_FALSE(delivered);
  EXPECT_THAT(delivered.error().detail, HasSubstr("unknown status, -7"));
  const auto ended = garbage.receive(soon(), [](ByteView) { return OfferVerdict::kAccepted; });
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().detail, HasSubstr("unknown status, 12345"));
}

TEST(Carrier, ReadsAnErrorTextNoFurtherThanItGoes) {
  const Carrier garbage = opened("garbage", {{"how", "text"}});
  const auto delivered = garbage.deliver({.offer = sealed_offer(10)}, soon());
  ASSERT_FALSE(delivered);
  EXPECT_THAT(delivered.error().detail, HasSubstr("xxx"));
  EXPECT_LE(delivered.error().detail.size(), 300u);
}

TEST(Carrier, HandsOnNoOfferOfAnAbsurdSize) {
  EXPECT_THAT(received(opened("garbage", {{"how", "sizes"}})), testing::IsEmpty());
}

TEST(Carrier, HandsOnOffersOneAtATimeWhicheverThreadBringsThem) {
  int inside = 0, seen = 0;  // without any lock: a sanitizer would see two at once
  const auto ended = opened("garbage", {{"how", "threads"}}).receive(soon(), [&](ByteView offer) {
    EXPECT_EQ(++inside, 1);
    EXPECT_EQ(offer.size(), 4u);
    ++seen;
    --inside;
    return OfferVerdict::kAccepted;
  });
  EXPECT_TRUE(ended);
  EXPECT_GE(seen, 1);
}

TEST(Carrier, HandsOnNoOfferThatComesAfterReceiveHasReturned) {
  const Carrier garbage = opened("garbage", {{"how", "late"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(received(garbage), testing::IsEmpty());
    garbage.cancel();
  }
}

TEST(Carrier, LogsWhatCancelAndCloseThrow) {
  TestLog log;
  opened("throwing", {{"where", "cancel"}}, real_services(&log)).cancel();
  opened("throwing", {{"where", "close"}}, real_services(&log));
  EXPECT_THAT(log.lines(), Contains(HasSubstr("thrown by cancel")));
  EXPECT_THAT(log.lines(), Contains(HasSubstr("thrown by close")));
}

}  // namespace
}  // namespace quicket
