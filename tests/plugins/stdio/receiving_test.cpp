#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/plugins/stdio/stdio.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// StdioIn is a carrier that reads a file of the test's.
class StdioIn : public testing::Test {
 protected:
  Received receive(std::string_view content, const CarrierOptions& more = {}) {
    write_file(folder_ / "in", content);
    CarrierOptions options{{"in", folder_ / "in"}};
    options.insert(more.begin(), more.end());
    return receive_all(stdio(options, &log_));
  }

  TemporaryFolder folder_;
  TestLog log_;
};

const Bytes kFirst = sealed_offer(100, 1), kSecond = sealed_offer(100, 2), kThird = sealed_offer(100, 3);

TEST_F(StdioIn, GivesNothingOfAnEmptyFile) {
  const auto received = receive("");
  EXPECT_TRUE(received.ended);
  EXPECT_THAT(received.offers, IsEmpty());
}

TEST_F(StdioIn, ReadsSeveralOffersInARowInAnyForm) {
  const auto received =
      receive(offer_to_json(kFirst) + "\n" + offer_to_uri(kSecond) + "\n\n \t\r\n" + offer_to_digits(kThird));
  EXPECT_TRUE(received.ended);
  EXPECT_THAT(received.offers, ElementsAre(kFirst, kSecond, kThird));
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(StdioIn, ReadsLinesOfOtherSystems) {
  EXPECT_THAT(receive("  " + offer_to_uri(kFirst) + "\r\n").offers, ElementsAre(kFirst));
}

TEST_F(StdioIn, SkipsJunkAndNamesItsLine) {
  const std::string cut = offer_to_json(kSecond).substr(0, 60);
  const auto received = receive("hello\n" + offer_to_json(kFirst) + "\n" + cut + "\n" + offer_to_json(kThird) + "\n{}");
  EXPECT_TRUE(received.ended);
  EXPECT_THAT(received.offers, ElementsAre(kFirst, kThird));
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("line 1 is not an offer"), HasSubstr("line 3 is not an offer"),
                                        HasSubstr("line 5 is not an offer")));
}

TEST_F(StdioIn, SkipsHostileBytes) {
  std::string hostile;
  for (int i = 0; i < 256; ++i) hostile += static_cast<char>(i);
  const auto received = receive(hostile + "\n" + std::string(5, '\0') + "\n" + offer_to_json(kFirst) + "\n");
  EXPECT_THAT(received.offers, ElementsAre(kFirst));
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("is not an offer")));
}

TEST_F(StdioIn, SkipsALineThatIsTooLong) {
  const auto received =
      receive(offer_to_json(kFirst) + "\n" + std::string(1 << 20, 'x') + "\n" + offer_to_json(kSecond));
  EXPECT_THAT(received.offers, ElementsAre(kFirst, kSecond));
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("line 2 is too long")));
}

TEST_F(StdioIn, StopsComplainingInTime) {
  std::string junk;
  for (int i = 0; i < 1'000; ++i) junk += "junk\n";
  EXPECT_THAT(receive(junk + offer_to_json(kFirst)).offers, ElementsAre(kFirst));
  EXPECT_THAT(log_.lines(), SizeIs(5));
  EXPECT_THAT(log_.lines().back(), HasSubstr("further ones are not reported"));
}

TEST_F(StdioIn, TakesAWholeFileForABinaryOffer) {
  const Bytes offer = sealed_offer(65'536);
  EXPECT_THAT(receive(as_text(offer)).offers, ElementsAre(offer));
  EXPECT_THAT(receive(as_text(sealed_offer(2))).offers, ElementsAre(sealed_offer(2)));
}

TEST_F(StdioIn, ReadsAnyFormWhicheverItWrites) {
  for (const char* form : {"json", "uri", "digits", "binary"}) {
    const CarrierOptions options{{"form", form}};
    EXPECT_THAT(receive(as_text(kFirst), options).offers, ElementsAre(kFirst)) << form;
    EXPECT_THAT(receive(offer_to_json(kFirst), options).offers, ElementsAre(kFirst)) << form;
    EXPECT_THAT(receive(offer_to_uri(kFirst), options).offers, ElementsAre(kFirst)) << form;
    EXPECT_THAT(receive(offer_to_digits(kFirst), options).offers, ElementsAre(kFirst)) << form;
  }
}

TEST_F(StdioIn, KnowsABinaryOfferThatComesByteByByte) {
  UnixPipe pipe;
  auto received = receive_in_background(stdio({{"in", fd_option(pipe.out)}}));
  const Bytes offer = sealed_offer(20);
  for (const std::byte& byte : offer) ASSERT_EQ(::write(pipe.in.fd(), &byte, 1), 1);
  pipe.in.reset();
  EXPECT_THAT(received.get().offers, ElementsAre(offer));
}

TEST_F(StdioIn, TakesWhatBeginsWithAnotherKindForText) {
  const auto received = receive("\x01junk\n" + offer_to_uri(kFirst));
  EXPECT_THAT(received.offers, ElementsAre(kFirst));
  EXPECT_THAT(receive("\x01").offers, IsEmpty());
}

TEST_F(StdioIn, RefusesABinaryFileLargerThanAnyOffer) {
  const auto received = receive(as_text(sealed_offer(65'537)));
  ASSERT_FALSE(received.ended);
  EXPECT_EQ(received.ended.error().code, Errc::kCarrierFailed);
  EXPECT_THAT(received.offers, IsEmpty());
}

TEST_F(StdioIn, NamesAFileThatItCannotRead) {
  for (const std::filesystem::path& path : {folder_ / "none", folder_.path()}) {
    const auto received = receive_all(stdio({{"in", path}}));
    ASSERT_FALSE(received.ended);
    EXPECT_EQ(received.ended.error().code, Errc::kCarrierFailed);
    EXPECT_THAT(received.ended.error().detail, HasSubstr(path.string()));
  }
}

// StdioWaiting has a receive that waits on a FIFO. `writer_` is its other end.
class StdioWaiting : public testing::Test {
 protected:
  StdioWaiting() { make_fifo(folder_ / "fifo"); }
  // connect returns once the carrier has the FIFO open.
  void connect() { writer_ = Descriptor(::open((folder_ / "fifo").c_str(), O_WRONLY | O_CLOEXEC)); }
  void write(std::string_view text) {
    ASSERT_EQ(::write(writer_.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  TemporaryFolder folder_;
  Descriptor writer_;
  Carrier carrier_ = stdio({{"in", folder_ / "fifo"}});
};

TEST_F(StdioWaiting, WaitsForAWriterAndEndsWithIt) {
  auto received = receive_in_background(carrier_);
  connect();
  write(offer_to_json(kFirst) + "\n");
  writer_.reset();
  const Received all = received.get();
  EXPECT_TRUE(all.ended);
  EXPECT_THAT(all.offers, ElementsAre(kFirst));
}

TEST_F(StdioWaiting, GivesALineAsSoonAsItIsThere) {
  std::promise<Bytes> first;
  auto ended = std::async(std::launch::async, [&] {
    return carrier_.receive(in_a_minute(), [&](ByteView offer) {
      first.set_value(to_bytes(offer));
      return OfferVerdict::kAccepted;
    });
  });
  connect();
  write(offer_to_json(kFirst) + "\n");
  EXPECT_EQ(first.get_future().get(), kFirst);  // the writer is still there
  writer_.reset();
  EXPECT_TRUE(ended.get());
}

TEST_F(StdioWaiting, IsCancelledBeforeAWriterCame) {
  auto received = receive_in_background(carrier_);
  carrier_.cancel();
  EXPECT_EQ(received.get().ended.error().code, Errc::kCancelled);
}

TEST_F(StdioWaiting, IsCancelledInTheMiddleOfALine) {
  auto received = receive_in_background(carrier_);
  connect();
  write("{\"offer\":\"");
  carrier_.cancel();
  EXPECT_EQ(received.get().ended.error().code, Errc::kCancelled);
}

TEST_F(StdioWaiting, StaysCancelled) {
  carrier_.cancel();
  EXPECT_EQ(receive_all(carrier_).ended.error().code, Errc::kCancelled);
  EXPECT_EQ(carrier_.deliver({.offer = kFirst}, in_a_minute()).error().code, Errc::kCancelled);
}

TEST_F(StdioWaiting, EndsAtItsDeadline) {
  const TimePoint deadline = boot_time() + 30ms;
  const auto received = receive_all(carrier_, deadline);
  ASSERT_FALSE(received.ended);
  EXPECT_EQ(received.ended.error().code, Errc::kDialDeadline);
  EXPECT_GE(boot_time(), deadline - 1ms);
}

TEST_F(StdioWaiting, LeavesTheFlagsOfASharedDescriptorAlone) {
  UnixPipe pipe;
  const int before = ::fcntl(pipe.out.fd(), F_GETFL);
  const Carrier carrier = stdio({{"in", fd_option(pipe.out)}});
  auto received = receive_in_background(carrier);
  carrier.cancel();
  received.get();
  EXPECT_EQ(::fcntl(pipe.out.fd(), F_GETFL), before);
}

}  // namespace
}  // namespace quicket
