// Whole journeys: what one instance posts, another takes.
#include <gmock/gmock.h>

#include "tests/plugins/webhook/webhooks.hpp"

namespace quicket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WebhookCarrier : public WithWebhooks {
 protected:
  WebhookCarrier() { write_certificate(folder_.path()); }

  CarrierOptions sending() const {
    return {{"url", "https://localhost:" + std::to_string(port_) + "/offers?a=b"},
            {"ca-file", folder_ / "cert.pem"},
            {"secret-file", secret_}};
  }
  CarrierOptions receiving() const {
    return {{"listen", "127.0.0.1:" + std::to_string(port_)},
            {"path", "/offers"},
            {"cert-file", folder_ / "cert.pem"},
            {"key-file", folder_ / "key.pem"},
            {"secret-file", secret_}};
  }

  const std::uint16_t port_ = free_port();
  const std::string secret_ = write("secret", kSecret);
};

const Bytes kOffer = sealed_offer(300);

TEST_F(WebhookCarrier, SaysWhatItIs) {
  const auto info = probe_carrier(QUICKET_TEST_CARRIERS "/quicket-carrier-webhook.so");
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->name, "webhook");
  EXPECT_TRUE(info->can_deliver && info->can_receive);
  EXPECT_FALSE(info->hides || info->authenticates);
}

TEST_F(WebhookCarrier, CarriesASignedOfferOverTls) {
  Receiving receiving(webhook(this->receiving()), OfferVerdict::kAccepted);
  const auto delivered = webhook(sending()).deliver({.offer = kOffer}, in_a_minute());
  EXPECT_TRUE(delivered) << delivered.error().message();
  EXPECT_THAT(receiving.stop(), ElementsAre(kOffer));
}

TEST_F(WebhookCarrier, CarriesEveryForm) {
  Receiving receiving(webhook(this->receiving()), OfferVerdict::kAccepted);
  std::vector<CarrierOptions> ways(3, sending());
  ways[0]["form"] = "uri";
  ways[1]["form"] = "binary";
  ways[2]["body-file"] = write("body", "{{offer_uri}}");
  std::vector<Bytes> expected;
  for (unsigned seed = 1; seed <= ways.size(); ++seed) {
    expected.push_back(sealed_offer(300, seed));
    ASSERT_TRUE(webhook(ways[seed - 1]).deliver({.offer = expected.back()}, in_a_minute()));
  }
  EXPECT_EQ(receiving.stop(), expected);
}

TEST_F(WebhookCarrier, AnswersEvenWhenTheHostHasHeardEnough) {
  const Carrier listener = webhook(receiving());
  auto ended = std::async(std::launch::async, [&] {
    return listener.receive(in_a_minute(), [&](ByteView) {
      listener.cancel();
      return OfferVerdict::kAccepted;
    });
  });
  EXPECT_TRUE(webhook(sending()).deliver({.offer = kOffer}, in_a_minute()));
  EXPECT_EQ(ended.get().error().code, Errc::kCancelled);
}

TEST_F(WebhookCarrier, TellsTheSenderOfARefusal) {
  Receiving receiving(webhook(this->receiving()), OfferVerdict::kRefused);
  const auto delivered = webhook(sending()).deliver({.offer = kOffer}, in_a_minute());
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(delivered.error().message(),
              HasSubstr("https://localhost:" + std::to_string(port_) + " answers 422: the offer is refused"));
}

TEST_F(WebhookCarrier, RefusesAnotherKeysSignature) {
  Receiving receiving(webhook(this->receiving()), OfferVerdict::kAccepted);
  CarrierOptions options = sending();
  options["secret-file"] = write("other", "another key of more than 24 bytes");
  EXPECT_THAT(webhook(options).deliver({.offer = kOffer}, in_a_minute()).error().message(),
              HasSubstr("401: the signature does not fit"));
  options.erase("secret-file");
  EXPECT_THAT(webhook(options).deliver({.offer = kOffer}, in_a_minute()).error().message(),
              HasSubstr("401: a signature is needed"));
  EXPECT_THAT(receiving.stop(), IsEmpty());
}

TEST_F(WebhookCarrier, SendsNothingToAServerThatNobodyVouchesFor) {
  Receiving receiving(webhook(this->receiving()), OfferVerdict::kAccepted);
  CarrierOptions options = sending();
  options.erase("ca-file");
  const auto untrusted = webhook(options).deliver({.offer = kOffer}, in_a_minute());
  EXPECT_EQ(untrusted.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(untrusted.error().message(), HasSubstr("certificate"));
  EXPECT_THAT(receiving.stop(), IsEmpty());
}

TEST_F(WebhookCarrier, SendsNothingToAServerWithAnotherName) {
  CarrierOptions elsewhere = this->receiving(), options = sending();
  elsewhere["listen"] = "127.0.0.2:" + std::to_string(port_);  // not in the certificate
  options["url"] = "https://127.0.0.2:" + std::to_string(port_) + "/offers";
  Receiving receiving(webhook(elsewhere), OfferVerdict::kAccepted);
  const auto untrusted = webhook(options).deliver({.offer = kOffer}, in_a_minute());
  EXPECT_EQ(untrusted.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(untrusted.error().message(), HasSubstr("certificate"));
  EXPECT_THAT(receiving.stop(), IsEmpty());
}

TEST_F(WebhookCarrier, NeedsToKnowTheWay) {
  EXPECT_THAT(webhook(receiving()).deliver({.offer = kOffer}, in_a_minute()).error().message(), HasSubstr("\"url\""));
  EXPECT_THAT(
      webhook(sending()).receive(in_a_minute(), [](ByteView) { return OfferVerdict::kRefused; }).error().message(),
      HasSubstr("\"listen\""));
}

TEST_F(WebhookCarrier, NamesAnAddressThatItCannotHave) {
  Bound taken(port_);
  taken.listen();
  const auto ended = webhook(receiving()).receive(in_a_minute(), [](ByteView) { return OfferVerdict::kRefused; });
  EXPECT_THAT(ended.error().message(), HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port_)));
}

}  // namespace
}  // namespace quicket
