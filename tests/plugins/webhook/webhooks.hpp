#pragma once

#include <quicket/carrier.hpp>

#include <fstream>
#include <future>

#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/carrier/host.hpp"
#include "tests/plugins/webhook/certificate.hpp"
#include "tests/plugins/webhook/loopback.hpp"

namespace quicket {

constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

inline TimePoint in_a_minute() { return boot_time() + std::chrono::minutes(1); }

// WithWebhooks opens instances of the built plugin, loaded as the program does it.
class WithWebhooks : public testing::Test {
 protected:
  Outcome<Carrier> try_webhook(const CarrierOptions& options) {
    const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, real_services(&log_));
    return library.open({.name = "webhook", .options = options});
  }
  Carrier webhook(const CarrierOptions& options) {
    auto carrier = try_webhook(options);
    return carrier ? *carrier : throw std::runtime_error(carrier.error().message());
  }
  // write makes a file that only this user can read.
  std::string write(const char* name, std::string_view content) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  // Receiving is a receive in the background.
  struct Receiving {
    Receiving(Carrier listener, OfferVerdict verdict)
        : carrier(std::move(listener)), ended(std::async(std::launch::async, [this, verdict] {
            return carrier.receive(in_a_minute(), [this, verdict](ByteView offer) {
              const std::lock_guard lock(mutex);
              offers.push_back(to_bytes(offer));
              return verdict;
            });
          })) {}
    ~Receiving() { carrier.cancel(); }
    std::vector<Bytes> stop() {
      carrier.cancel();
      EXPECT_EQ(ended.get().error().code, Errc::kCancelled);
      return offers;
    }

    Carrier carrier;
    std::mutex mutex;
    std::vector<Bytes> offers;
    std::future<Outcome<>> ended;
  };

  TemporaryFolder folder_;
  TestLog log_;
};

}  // namespace quicket
