#include <gmock/gmock.h>

#include "tests/plugins/webhook/webhooks.hpp"

namespace quicket {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class WebhookOptions : public WithWebhooks {
 protected:
  std::string refusal(const CarrierOptions& options) {
    const auto carrier = try_webhook(options);
    if (carrier) return "none";
    EXPECT_EQ(carrier.error().code, Errc::kCarrierOption);
    return carrier.error().message();
  }
};

TEST_F(WebhookOptions, NeedAUrlOrAnAddress) {
  EXPECT_THAT(refusal({}), HasSubstr("\"url\", \"url-file\" or \"listen\""));
  EXPECT_EQ(refusal({{"listen", "127.0.0.1:0"}}), "none");
  EXPECT_EQ(refusal({{"url", "https://hooks.example/x"}}), "none");
}

TEST_F(WebhookOptions, NameWhatIsWrong) {
  EXPECT_THAT(refusal({{"url", "ftp://x"}}), HasSubstr("option \"url\" is not an https URL"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"method", "GET"}}), HasSubstr("POST, PUT, PATCH"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"form", "xml"}}), HasSubstr("json, uri, binary"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"ca-file", "/nowhere"}}), HasSubstr("\"ca-file\" names /nowhere"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"body-file", "/nowhere"}}), HasSubstr("\"body-file\" names /nowhere"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"body-file", write("t", "{{x}}")}}), HasSubstr("{{offer_json}}"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"secret-file", write("s", "short")}}), HasSubstr("24 to 256 bytes"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"headers-file", write("h", "bad")}}), HasSubstr("line 1"));
}

TEST_F(WebhookOptions, GoTogetherOrApart) {
  EXPECT_THAT(refusal({{"url", "https://x"}, {"url-file", "y"}}), HasSubstr("does not go with"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"form", "json"}, {"body-file", "y"}}), HasSubstr("does not go with"));
  EXPECT_THAT(refusal({{"url", "https://x"}, {"path", "/y"}}), HasSubstr("goes with \"listen\""));
  EXPECT_THAT(refusal({{"listen", "127.0.0.1:0"}, {"cert-file", "y"}}), HasSubstr("goes with \"key-file\""));
}

TEST_F(WebhookOptions, ServePlainHttpToThisMachineAlone) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:80"}) {
    EXPECT_THAT(refusal({{"listen", address}}), HasSubstr("needs \"cert-file\" and \"key-file\"")) << address;
  }
  write_certificate(folder_.path());
  EXPECT_EQ(refusal({{"listen", "0.0.0.0:0"}, {"cert-file", folder_ / "cert.pem"}, {"key-file", folder_ / "key.pem"}}),
            "none");
}

TEST_F(WebhookOptions, TakeAnAddressWithAPort) {
  for (const char* address : {"8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                              "[127.0.0.1]:80", "127.0.0.1:80x", "[::1]"}) {
    EXPECT_THAT(refusal({{"listen", address}}), HasSubstr("takes ADDRESS:PORT")) << address;
  }
  EXPECT_EQ(refusal({{"listen", "[::1]:0"}}), "none");
}

TEST_F(WebhookOptions, TakeACertificateWithItsKey) {
  write_certificate(folder_.path());
  const std::string certificate = folder_ / "cert.pem", key = folder_ / "key.pem";
  const auto refused = [&](const std::string& cert_file, const std::string& key_file) {
    return refusal({{"listen", "127.0.0.1:0"}, {"cert-file", cert_file}, {"key-file", key_file}});
  };
  EXPECT_EQ(refused(certificate, key), "none");
  EXPECT_THAT(refused("/nowhere", key), HasSubstr("cert-file"));
  EXPECT_THAT(refused(certificate, write("junk", "junk")), HasSubstr("key-file"));
  std::filesystem::permissions(key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_THAT(refused(certificate, key), HasSubstr("chmod 600"));
}

TEST_F(WebhookOptions, ReadAUrlFromAFileAndKeepItSecret) {
  EXPECT_EQ(refusal({{"url-file", write("url", "https://hooks.example/token\n")}}), "none");
  EXPECT_THAT(refusal({{"url-file", write("url", "http://hooks.example/token")}}),
              AllOf(HasSubstr("\"url-file\" must be https"), Not(HasSubstr("token"))));
}

}  // namespace
}  // namespace quicket
