#include <quicket/conformance/suite.hpp>

#include <fstream>

#include "tests/core/base/temporary_folder.hpp"
#include "tests/plugins/webhook/certificate.hpp"
#include "tests/plugins/webhook/loopback.hpp"

namespace quicket::conformance {
namespace {

// HttpChannel is a port on loopback: plain HTTP without signatures, or TLS with them.
class HttpChannel : public Channel {
 public:
  HttpChannel(bool tls, std::string form) : tls_(tls), form_(std::move(form)) {
    if (!tls_) return;
    write_certificate(folder_.path());
    std::ofstream(secret_) << "a key of both sides, and long";
    std::filesystem::permissions(secret_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  Options deliver_options() override {
    Options options{{"url", (tls_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) + "/offers"},
                    {"form", form_}};
    if (tls_) options.insert({{"ca-file", folder_ / "cert.pem"}, {"secret-file", secret_}});
    return options;
  }
  Options receive_options() override {
    Options options{{"listen", "127.0.0.1:" + std::to_string(port_)}, {"path", "/offers"}};
    if (tls_) {
      options.insert(
          {{"cert-file", folder_ / "cert.pem"}, {"key-file", folder_ / "key.pem"}, {"secret-file", secret_}});
    }
    return options;
  }
  void inject(std::span<const std::uint8_t> bytes) override {
    const std::string text(bytes.begin(), bytes.end());
    ask(port_, text);
    if (!tls_) ask(port_, post("/offers", text));
  }
  void block() override {
    silent_.emplace(port_);
    silent_->listen();
  }

 private:
  const bool tls_;
  const std::string form_;
  const std::uint16_t port_ = free_port();
  std::optional<Bound> silent_;
  TemporaryFolder folder_;
  const std::string secret_ = folder_ / "secret";
};

Subject http(bool tls, const std::string& form) {
  return {.name = (tls ? "Tls_" : "Plain_") + form,
          .plugin = QUICKET_TEST_CARRIERS "/quicket-carrier-webhook.so",
          .make_channel = [tls, form] { return std::make_unique<HttpChannel>(tls, form); },
          .blocks = true,
          .tells_refusals = true};
}

}  // namespace

QUICKET_CARRIER_CONFORMANCE(std::vector({http(false, "json"), http(true, "binary")}));

}  // namespace quicket::conformance
