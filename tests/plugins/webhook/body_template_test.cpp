#include "plugins/webhook/body_template.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace quicket::plugin {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr BodyValues kValues{.offer_json = R"({"offer":"AQ=="})",
                             .offer_uri = "quicket:AQ",
                             .offer_b64url = "AQ",
                             .recipient = "qk1\"x\\\n\x01\xc3\xa9",
                             .message_id = "msg_1",
                             .timestamp = "12"};

TEST(BodyTemplate, FillsInWhatItNames) {
  EXPECT_EQ(BodyTemplate("{{offer_uri}} {{offer_b64url}}{{message_id}}@{{timestamp}}").render(kValues),
            "quicket:AQ AQmsg_1@12");
}

TEST(BodyTemplate, EscapesForJsonStrings) {
  EXPECT_EQ(BodyTemplate(R"({"to":"{{recipient}}","message":{{offer_json}}})").render(kValues),
            "{\"to\":\"qk1\\\"x\\\\\\u000a\\u0001\xc3\xa9\",\"message\":{\"offer\":\"AQ==\"}}");
}

TEST(BodyTemplate, LeavesAllElseAlone) {
  for (const char* text : {"", "plain", "{ {offer_uri} }", "}}", "{\"a\":{\"b\":{}}}", "{"}) {
    EXPECT_EQ(BodyTemplate(text).render(kValues), text);
  }
}

TEST(BodyTemplate, FillsInOnce) {
  BodyValues values = kValues;
  values.recipient = "{{offer_uri}}";
  EXPECT_EQ(BodyTemplate("{{recipient}}").render(values), "{{offer_uri}}");
}

TEST(BodyTemplate, NamesWhatItKnowsWhenItKnowsNotAName) {
  for (const char* text :
       {"{{offer}}", "{{", "{{}}", "{{offer_uri", "{{ offer_uri }}", "{{offer_uri}", "{{{offer_uri}}}"}) {
    EXPECT_THAT([&] { BodyTemplate{text}; }, ThrowsMessage<std::invalid_argument>(HasSubstr("{{recipient}}"))) << text;
  }
}

}  // namespace
}  // namespace quicket::plugin
