// The built plugin, loaded as the program does it.
#include <gmock/gmock.h>

#include <future>

#include <quicket/carrier.hpp>

#include "tests/plugins/bluetooth/spools.hpp"

namespace quicket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BluetoothCarrier : public testing::Test {
 protected:
  Outcome<Carrier> open(const CarrierOptions& options) {
    const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, real_services(&log_));
    return library.open({.name = "bluetooth", .options = options});
  }
  Outcome<> deliver(const Bytes& offer) {
    return open({{"out", spool_}})->deliver({.offer = offer}, boot_time() + std::chrono::minutes(1));
  }
  // receive takes offers until there are `count`.
  std::future<std::vector<Bytes>> receive(std::size_t count, OfferVerdict verdict = OfferVerdict::kAccepted) {
    return std::async(std::launch::async, [this, count, verdict] {
      const Carrier carrier = open({{"in", spool_}}).value();
      std::vector<Bytes> offers;
      const auto ended = carrier.receive(boot_time() + std::chrono::minutes(1), [&](ByteView offer) {
        offers.push_back(to_bytes(offer));
        if (offers.size() == count) carrier.cancel();
        return verdict;
      });
      EXPECT_EQ(ended.error().code, Errc::kCancelled);
      return offers;
    });
  }

  TemporaryFolder folder_;
  const std::string spool_ = folder_ / "spool";
  TestLog log_;
};

TEST_F(BluetoothCarrier, SaysWhatItIs) {
  const auto info = probe_carrier(QUICKET_TEST_CARRIERS "/quicket-carrier-bluetooth.so");
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->name, "bluetooth");
  EXPECT_TRUE(info->can_deliver && info->can_receive);
  EXPECT_FALSE(info->hides || info->authenticates);
  EXPECT_EQ(info->max_offer, kMaxOffer);
}

TEST_F(BluetoothCarrier, CarriesOffersOfEverySize) {
  for (const std::size_t size : {2, 3, 243, 4'096, 65'535, 65'536}) {
    ASSERT_TRUE(deliver(sealed_offer(size)));
    EXPECT_THAT(receive(1).get(), ElementsAre(sealed_offer(size)));
  }
}

TEST_F(BluetoothCarrier, BringsAnOfferThatComesWhileItWaits) {
  auto received = receive(3);
  for (const unsigned seed : {1, 2, 3}) ASSERT_TRUE(deliver(sealed_offer(300, seed)));
  EXPECT_EQ(received.get().size(), 3u);
}

TEST_F(BluetoothCarrier, BringsARefusedOfferAgainWhenItIsSentAgain) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(deliver(sealed_offer(300)));
    EXPECT_THAT(receive(1, OfferVerdict::kRefused).get(), ElementsAre(sealed_offer(300)));
  }
}

TEST_F(BluetoothCarrier, IsCancelledWhileItWaits) {
  const Carrier carrier = open({{"in", spool_}}).value();
  auto ended = std::async(std::launch::async, [&] {
    return carrier.receive(std::nullopt, [](ByteView) { return OfferVerdict::kAccepted; });
  });
  carrier.cancel();
  EXPECT_EQ(ended.get().error().code, Errc::kCancelled);
}

TEST_F(BluetoothCarrier, EndsAtItsDeadline) {
  const Carrier carrier = open({{"in", spool_}}).value();
  const auto ended =
      carrier.receive(boot_time() + std::chrono::milliseconds(20), [](ByteView) { return OfferVerdict::kAccepted; });
  EXPECT_EQ(ended.error().code, Errc::kDialDeadline);
}

TEST_F(BluetoothCarrier, ChecksItsOptions) {
  const auto message = [this](const CarrierOptions& options) { return open(options).error().message(); };
  EXPECT_THAT(message({}), HasSubstr("\"out\" or \"in\""));
  EXPECT_THAT(message({{"in", ""}}), HasSubstr("\"in\" is empty"));
  EXPECT_THAT(message({{"device", "x"}}), HasSubstr("\"device\""));
}

TEST_F(BluetoothCarrier, NeedsToKnowTheWay) {
  const auto delivered = open({{"in", spool_}})->deliver({.offer = sealed_offer(300)}, boot_time());
  EXPECT_THAT(delivered.error().message(), HasSubstr("\"out\""));
  const auto received = open({{"out", spool_}})->receive(std::nullopt, [](ByteView) { return OfferVerdict::kRefused; });
  EXPECT_THAT(received.error().message(), HasSubstr("\"in\""));
}

TEST_F(BluetoothCarrier, NamesAFolderThatItCannotUse) {
  const std::string path = folder_ / "none" / "spool";
  const auto delivered =
      open({{"out", path}})->deliver({.offer = sealed_offer(300)}, boot_time() + std::chrono::minutes(1));
  EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(delivered.error().message(), HasSubstr(path + ": No such file or directory"));
}

}  // namespace
}  // namespace quicket
