#include "plugins/webhook/signature.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace quicket::plugin {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

// From the test suites of the Standard Webhooks libraries.
constexpr std::string_view kKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek", kTimestamp = "1614265330";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

constexpr std::string_view kOther = "another key of more than 24 bytes";

TEST(Signature, IsThatOfStandardWebhooks) {
  EXPECT_EQ(SigningKeys(kKey).sign(kId, kTimestamp, kBody), kSignature);
  EXPECT_TRUE(SigningKeys(kKey).verify(kSignature, kId, kTimestamp, kBody));
}

TEST(Signature, CoversIdTimestampAndBody) {
  const SigningKeys keys(kKey);
  EXPECT_FALSE(keys.verify(kSignature, "msg_x", kTimestamp, kBody));
  EXPECT_FALSE(keys.verify(kSignature, kId, "1614265331", kBody));
  EXPECT_FALSE(keys.verify(kSignature, kId, kTimestamp, "{}"));
  EXPECT_FALSE(SigningKeys(kOther).verify(kSignature, kId, kTimestamp, kBody));
}

TEST(Signature, FitsAmongOthers) {
  const SigningKeys keys(kKey);
  const std::string signature(kSignature);
  for (const std::string& header : {"v1,x " + signature, signature + " v2,abc", "v1a,x  " + signature}) {
    EXPECT_TRUE(keys.verify(header, kId, kTimestamp, kBody)) << header;
  }
  for (const std::string& header : {std::string(), std::string("v1,"), signature.substr(3), signature + "=",
                                    "v2," + signature.substr(3), signature.substr(0, 20), "V1" + signature.substr(2)}) {
    EXPECT_FALSE(keys.verify(header, kId, kTimestamp, kBody)) << header;
  }
}

TEST(Signature, IsLookedForInABoundedList) {
  std::string many;
  for (std::size_t i = 0; i < SigningKeys::kMaxSignatures; ++i) many += "v1,x ";
  EXPECT_FALSE(SigningKeys(kKey).verify(many + std::string(kSignature), kId, kTimestamp, kBody));
}

TEST(Signature, IsMadeByEveryKeyAndFitsAny) {
  const SigningKeys both(std::string(kOther) + "\r\n\n" + std::string(kKey) + "\n");
  const std::string signatures = both.sign(kId, kTimestamp, kBody);
  EXPECT_THAT(signatures, HasSubstr(" " + std::string(kSignature)));
  for (const std::string_view one : {kKey, kOther}) {
    EXPECT_TRUE(SigningKeys(one).verify(signatures, kId, kTimestamp, kBody));
    EXPECT_TRUE(both.verify(SigningKeys(one).sign(kId, kTimestamp, kBody), kId, kTimestamp, kBody));
  }
}

TEST(SigningKeys, AreRefusedByTheirLineAlone) {
  const std::string good(kKey);
  for (const std::string bad : {"tooshort", "whsec_secret!", "whsec_", "whsec_c2VjcmV0", "whsec_===="}) {
    EXPECT_THAT([&] { SigningKeys(good + "\n" + bad); },
                ThrowsMessage<std::invalid_argument>(AllOf(StartsWith("line 2 "), Not(HasSubstr("ecret")))))
        << bad;
  }
  EXPECT_THROW(SigningKeys("\n\n"), std::invalid_argument);
  EXPECT_THROW(SigningKeys(std::string(257, 'x')), std::invalid_argument);
  EXPECT_THROW(SigningKeys(good + "\n" + good + "\n" + good + "\n" + good + "\n" + good), std::invalid_argument);
}

TEST(Timestamp, IsDecimalDigits) {
  EXPECT_EQ(parse_timestamp("0"), 0);
  EXPECT_EQ(parse_timestamp("1614265330"), 1'614'265'330);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1234567890123", "\xd9\xa1"}) {
    EXPECT_EQ(parse_timestamp(bad), std::nullopt) << bad;
  }
}

TEST(MessageId, IsNewEachTime) {
  EXPECT_THAT(new_message_id(), StartsWith("msg_"));
  EXPECT_NE(new_message_id(), new_message_id());
}

}  // namespace
}  // namespace quicket::plugin
