#include "plugins/webhook/target_url.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace quicket::plugin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

TEST(TargetUrl, ShowsItsOriginAlone) {
  EXPECT_EQ(TargetUrl("https://Hooks.example:8443/services/TOKEN?key=TOKEN").origin(), "https://Hooks.example:8443");
  EXPECT_EQ(TargetUrl("https://hooks.example").origin(), "https://hooks.example");
  EXPECT_EQ(TargetUrl("https://[2001:db8::1]/a").origin(), "https://[2001:db8::1]");
}

TEST(TargetUrl, MayBePlainOnThisMachine) {
  for (const char* url : {"http://127.0.0.1:80/", "http://localhost/x", "http://[::1]:1/", "http://127.1.2.3/"}) {
    EXPECT_FALSE(TargetUrl(url).is_encrypted()) << url;
  }
  EXPECT_TRUE(TargetUrl("HTTPS://localhost").is_encrypted());
}

TEST(TargetUrl, IsRefusedWithoutBeingTold) {
  for (const char* url : {"", "secret", "/secret", "ftp://a/secret", "http://hooks.example/secret",
                          "https://secret:x@a/", "https://a/#secret", "https:///secret", "https://a/ secret",
                          "http://localhost.example/secret", "http://10.0.0.1/secret", "file:///secret"}) {
    EXPECT_THAT([&] { TargetUrl{url}; }, ThrowsMessage<std::invalid_argument>(Not(HasSubstr("secret")))) << url;
  }
  EXPECT_THROW(TargetUrl("https://a/" + std::string(2'048, 'x')), std::invalid_argument);
}

}  // namespace
}  // namespace quicket::plugin
