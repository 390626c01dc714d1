#include "plugins/webhook/reception.hpp"

#include <gmock/gmock.h>

#include <quicket/offer.hpp>

#include "core/carrier/host_table.hpp"
#include "tests/core/carrier/host.hpp"

namespace quicket::plugin {
namespace {

namespace http = boost::beast::http;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kKey = "a key of both sides, and long";

class AReception : public testing::Test {
 protected:
  static Reception::Request request(std::string body) {
    Reception::Request request(http::verb::post, "/offers", 11, std::move(body));
    return request;
  }
  static Reception::Request signed_request(std::string body, const std::string& id = "msg_1", std::int64_t at = kNow) {
    Reception::Request signed_one = request(std::move(body));
    const std::string timestamp = std::to_string(at);
    signed_one.set("Webhook-Id", id);
    signed_one.set("webhook-timestamp", timestamp);
    signed_one.set("webhook-signature", SigningKeys(kKey).sign(id, timestamp, signed_one.body()));
    return signed_one;
  }
  static int take(void* self, const std::uint8_t* offer, std::size_t size) {
    auto& test = *static_cast<AReception*>(self);
    test.offers_.push_back(to_bytes(byte_view(offer, size)));
    return test.verdict_;
  }
  unsigned status(Reception& reception, const Reception::Request& request, std::int64_t now = kNow) {
    const auto answer = reception.receive(request, now, OnOffer(&take, this));
    reason_ = answer.reason;
    return answer.status;
  }

  HostTable table_{"webhook", real_services()};
  Host host_{table_.table()};
  const SigningKeys keys_{kKey};
  Reception open_{"/offers", nullptr, host_}, closed_{"/offers", &keys_, host_};
  std::vector<Bytes> offers_;
  int verdict_ = QUICKET_OFFER_ACCEPTED;
  std::string reason_;
};

const Bytes kOffer = sealed_offer(300);

TEST_F(AReception, TakesAnOfferInAnyForm) {
  for (const std::string& body :
       {offer_to_json(kOffer), offer_to_uri(kOffer) + "\n", offer_to_digits(kOffer), std::string(as_text(kOffer)),
        "{\"type\":\"call\"," + offer_to_json(kOffer).substr(1)}) {
    EXPECT_EQ(status(open_, request(body)), 200u) << body;
  }
  EXPECT_THAT(offers_, SizeIs(5));
  EXPECT_THAT(offers_, testing::Each(kOffer));
}

TEST_F(AReception, SaysWhatTheHostThinks) {
  verdict_ = QUICKET_OFFER_DUPLICATE;
  EXPECT_EQ(status(open_, request(offer_to_json(kOffer))), 200u);
  verdict_ = QUICKET_OFFER_REFUSED;
  EXPECT_EQ(status(open_, request(offer_to_json(kOffer))), 422u);
}

TEST_F(AReception, TakesNothingElse) {
  for (const char* body : {"", "hello", "{}", "{\"offer\":1}", "quicket:", "\x01"}) {
    EXPECT_EQ(status(open_, request(body)), 400u) << body;
  }
  EXPECT_THAT(offers_, IsEmpty());
}

TEST_F(AReception, TakesASignedOffer) {
  EXPECT_EQ(status(closed_, signed_request(offer_to_json(kOffer))), 200u);
  EXPECT_THAT(offers_, ElementsAre(kOffer));
}

TEST_F(AReception, RefusesAnOfferWithoutAWholeSignature) {
  const std::string body = offer_to_json(kOffer);
  EXPECT_EQ(status(closed_, request(body)), 401u);
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    Reception::Request lacking = signed_request(body);
    lacking.erase(name);
    EXPECT_EQ(status(closed_, lacking), 401u) << name;
    Reception::Request twice = signed_request(body);
    twice.insert(name, std::string(twice[name]));
    EXPECT_EQ(status(closed_, twice), 401u) << name;
  }
  EXPECT_THAT(offers_, IsEmpty());
}

TEST_F(AReception, RefusesWhatWasAltered) {
  Reception::Request altered = signed_request(offer_to_json(kOffer));
  altered.body() = offer_to_json(sealed_offer(300, 2));
  EXPECT_EQ(status(closed_, altered), 401u);
  for (const char* name : {"webhook-id", "webhook-timestamp"}) {
    altered = signed_request(offer_to_json(kOffer));
    altered.set(name, "1800000001");
    EXPECT_EQ(status(closed_, altered), 401u) << name;
  }
  EXPECT_THAT(offers_, IsEmpty());
}

TEST_F(AReception, RefusesATimestampThatIsOff) {
  constexpr std::int64_t kOff = Reception::kTolerance + 1;
  for (const std::int64_t at : {kNow - kOff, kNow + kOff}) {
    EXPECT_EQ(status(closed_, signed_request(offer_to_json(kOffer), "msg_1", at)), 401u);
    EXPECT_THAT(reason_, HasSubstr("301 s off"));
  }
  EXPECT_EQ(status(closed_, signed_request(offer_to_json(kOffer), "msg_1", kNow - Reception::kTolerance)), 200u);
}

TEST_F(AReception, HandsNoReplayOn) {
  const Reception::Request request = signed_request(offer_to_json(kOffer));
  EXPECT_EQ(status(closed_, request), 200u);
  EXPECT_EQ(status(closed_, request, kNow + Reception::kTolerance), 200u);
  EXPECT_EQ(reason_, "this was accepted before");
  EXPECT_EQ(status(closed_, signed_request(offer_to_json(sealed_offer(300, 2)))), 409u);
  EXPECT_THAT(offers_, SizeIs(1));
}

TEST_F(AReception, LetsARefusedMessageComeAgain) {
  verdict_ = QUICKET_OFFER_REFUSED;
  const Reception::Request request = signed_request(offer_to_json(kOffer));
  EXPECT_EQ(status(closed_, request), 422u);
  verdict_ = QUICKET_OFFER_ACCEPTED;
  EXPECT_EQ(status(closed_, request), 200u);
}

TEST_F(AReception, RemembersABoundedNumberOfMessagesAndForgetsNoneTooEarly) {
  for (std::size_t i = 0; i < ReplayGuard::kMaxIds; ++i) {
    ASSERT_EQ(status(closed_, signed_request(offer_to_json(kOffer), "msg_" + std::to_string(i))), 200u);
  }
  const Reception::Request more = signed_request(offer_to_json(kOffer), "more");
  EXPECT_EQ(status(closed_, more), 503u);
  constexpr std::int64_t kLater = kNow + Reception::kTolerance + 1;
  EXPECT_EQ(status(closed_, signed_request(offer_to_json(kOffer), "more", kLater), kLater), 200u);
}

TEST_F(AReception, JudgesAHeaderBeforeTheBodyIsThere) {
  const auto judged = [this](http::verb method, const char* target, const char* encoding = nullptr) {
    Reception::Request request(method, target, 11);
    if (encoding != nullptr) request.set(http::field::content_encoding, encoding);
    const auto answer = open_.judge_header(request);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(judged(http::verb::post, "/offers"), 0u);
  EXPECT_EQ(judged(http::verb::post, "/offers?from=x"), 0u);
  EXPECT_EQ(judged(http::verb::post, "/offers", "Identity"), 0u);
  EXPECT_EQ(judged(http::verb::post, "/offers/"), 404u);
  EXPECT_EQ(judged(http::verb::post, "/"), 404u);
  EXPECT_EQ(judged(http::verb::get, "/offers"), 405u);
  EXPECT_EQ(judged(http::verb::post, "/offers", "gzip"), 415u);
}

}  // namespace
}  // namespace quicket::plugin
