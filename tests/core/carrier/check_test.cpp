#include <quicket/carrier.hpp>

#include <gmock/gmock.h>

namespace quicket {
namespace {

using testing::HasSubstr;

CarrierInfo pigeon() { return {.name = "pigeon", .can_deliver = true, .hides = true, .max_offer = 300}; }

TEST(CheckDelivery, AllowsWhatFits) { EXPECT_TRUE(check_delivery(pigeon(), 300, OfferKind::kOpen, false)); }

TEST(CheckDelivery, RefusesAnOfferOverTheCarriersLimitAndNamesBothSizes) {
  const auto allowed = check_delivery(pigeon(), 301, OfferKind::kSealed, true);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, Errc::kCarrierTooSmall);
  EXPECT_THAT(allowed.error().message(), HasSubstr("300"));
  EXPECT_THAT(allowed.error().message(), HasSubstr("301"));
}

TEST(CheckDelivery, RefusesACarrierThatOnlyReceives) {
  CarrierInfo info = pigeon();
  info.can_deliver = false;
  const auto allowed = check_delivery(info, 10, OfferKind::kSealed, true);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, Errc::kUnsupported);
}

TEST(CheckDelivery, RefusesUnsealedOffersWhereAnybodyReadsAndWrites) {
  CarrierInfo info = pigeon();
  info.hides = false;
  for (const OfferKind kind : {OfferKind::kOpen, OfferKind::kPairing}) {
    const auto allowed = check_delivery(info, 10, kind, false);
    ASSERT_FALSE(allowed);
    EXPECT_EQ(allowed.error().code, Errc::kCarrierExposes);
    EXPECT_TRUE(check_delivery(info, 10, kind, true));
  }
  EXPECT_TRUE(check_delivery(info, 10, OfferKind::kSealed, false));
}

TEST(CheckDelivery, AllowsUnsealedOffersWhereTheSenderIsKnown) {
  CarrierInfo info = pigeon();
  info.hides = false;
  info.authenticates = true;
  EXPECT_TRUE(check_delivery(info, 10, OfferKind::kOpen, false));
}

TEST(CheckDelivery, AllowsUnsealedOffersThatTheUserPassesOnByHand) {
  CarrierInfo info = pigeon();
  info.hides = false;
  info.by_hand = true;
  EXPECT_TRUE(check_delivery(info, 10, OfferKind::kPairing, false));
}

TEST(CheckExposure, SaysHowToPairInstead) {
  CarrierInfo info = pigeon();
  info.hides = false;
  const auto allowed = check_exposure(info, OfferKind::kPairing, false);
  ASSERT_FALSE(allowed);
  EXPECT_THAT(allowed.error().message(), HasSubstr("stdio or qr"));
}

}  // namespace
}  // namespace quicket
