// What the carrier reads.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/plugins/qr/qr.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using plugin::jpeg_of;
using plugin::png_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Bytes kFirst = sealed_offer(240, 1), kSecond = sealed_offer(240, 2);

// QrIn is a carrier that reads a file of the test's.
class QrIn : public testing::Test {
 protected:
  Received receive(std::string_view content) {
    write_file(folder_ / "photo", content);
    return receive_all(qr({{"in", folder_ / "photo"}}, &log_));
  }
  std::string problem_with(std::string_view content) {
    const Received received = receive(content);
    EXPECT_THAT(received.offers, IsEmpty());
    EXPECT_FALSE(received.ended);
    return received.ended ? "" : received.ended.error().detail;
  }

  TemporaryFolder folder_;
  TestLog log_;
};

TEST_F(QrIn, ReadsACodeInAPngAndAJpegAndAPnm) {
  const plugin::Picture picture = picture_of({kFirst}, {.rotation = 20, .blur = 0.2});
  for (const std::string& file : {as_string(png_of(picture)), as_string(jpeg_of(picture, 70)), pnm_of(picture)}) {
    const Received received = receive(file);
    EXPECT_TRUE(received.ended);
    EXPECT_THAT(received.offers, ElementsAre(kFirst));
  }
}

TEST_F(QrIn, ReadsAnInvertedCode) {
  EXPECT_THAT(receive(as_string(png_of(picture_of({kFirst}, {.inverted = true})))).offers, ElementsAre(kFirst));
}

TEST_F(QrIn, HandsOnBothOfTwoCodesInAPicture) {
  EXPECT_THAT(receive(as_string(png_of(picture_of({kFirst, kSecond})))).offers, UnorderedElementsAre(kFirst, kSecond));
}

TEST_F(QrIn, HandsOnACodeOnceHoweverManyPicturesShowIt) {
  const std::string picture = as_string(jpeg_of(picture_of({kFirst}), 80));
  EXPECT_THAT(receive(picture + picture + picture).offers, ElementsAre(kFirst));
}

TEST_F(QrIn, SaysWhatToTryWhereItReadsNoCode) {
  EXPECT_THAT(problem_with(as_string(png_of(plugin::Picture(300, 200)))), HasSubstr("photo: go nearer, hold still"));
}

TEST_F(QrIn, SaysWhatItReadsWhereThereIsNoPicture) {
  EXPECT_THAT(problem_with("hello"), HasSubstr("photo holds no picture: PNG, JPEG, PNM"));
  EXPECT_THAT(problem_with(""), HasSubstr("photo holds no picture"));
}

TEST_F(QrIn, SaysThatAPictureIsDamaged) {
  const std::string file = as_string(png_of(picture_of({kFirst})));
  EXPECT_THAT(problem_with(file.substr(0, file.size() / 2)), HasSubstr("photo cannot be read: as PNG it is damaged"));
}

TEST_F(QrIn, SaysThatACodeIsNoOffer) {
  const std::vector<plugin::Symbol> symbols{plugin::Symbol::encode("QUICKET:/12345").value()};
  EXPECT_THAT(problem_with(as_string(png_of(plugin::photograph(symbols, {}, 1)))),
              HasSubstr("photo shows no offer: its QR codes hold something else"));
}

TEST_F(QrIn, NamesAFileThatIsNotThere) {
  const Received received = receive_all(qr({{"in", folder_ / "none"}}));
  ASSERT_FALSE(received.ended);
  EXPECT_THAT(received.ended.error().detail, HasSubstr("none: No such file or directory"));
}

TEST_F(QrIn, AsksWherePicturesComeFrom) {
  const Received received = receive_all(qr({}));
  ASSERT_FALSE(received.ended);
  EXPECT_THAT(received.ended.error().detail, HasSubstr("in=FOLDER"));
}

// Watching is a receive in the background, whose first offer can be waited for.
class Watching {
 public:
  explicit Watching(Carrier carrier) : carrier_(std::move(carrier)) {
    ended_ = std::async(std::launch::async, [this] {
      return carrier_.receive(in_a_minute(), [this](ByteView offer) {
        if (++count_ == 1) first_.set_value(to_bytes(offer));
        return OfferVerdict::kAccepted;
      });
    });
  }
  ~Watching() { end(); }
  Bytes first() {
    auto offer = first_.get_future();
    return offer.wait_for(20s) == std::future_status::ready ? offer.get() : Bytes();
  }
  std::optional<error_code> end() {
    carrier_.cancel();
    if (!ended_.valid()) return std::nullopt;
    const auto outcome = ended_.get();
    return outcome ? std::nullopt : std::optional(outcome.error().code);
  }

 private:
  Carrier carrier_;
  std::promise<Bytes> first_;
  int count_ = 0;
  std::future<Outcome<>> ended_;
};

void write_all(const Descriptor& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to.fd(), bytes.data(), bytes.size());
    ASSERT_GT(written, 0);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

TEST(QrStream, HandsOnACodeWhileTheCameraRuns) {
  UnixPipe pipe;
  Watching watching(qr({{"in", fd_option(pipe.out)}}));
  for (int i = 0; i < 5; ++i) write_all(pipe.in, as_string(jpeg_of(blank_picture(), 50)));
  write_all(pipe.in, as_string(jpeg_of(picture_of({kFirst}), 70)));
  EXPECT_EQ(watching.first(), kFirst);
  write_all(pipe.in, as_string(jpeg_of(blank_picture(), 50)));
  EXPECT_EQ(watching.end(), Errc::kCancelled);
}

TEST(QrStream, EndsWithTheCamera) {
  UnixPipe pipe;
  auto received = receive_in_background(qr({{"in", fd_option(pipe.out)}}));
  write_all(pipe.in, "YUV4MPEG2 W320 H240 Cmono\nFRAME\n" + as_string(blank_picture().pixels));
  write_all(pipe.in, pnm_of(picture_of({kFirst})));
  pipe.in.reset();
  const Received all = received.get();
  EXPECT_TRUE(all.ended);
  EXPECT_THAT(all.offers, ElementsAre(kFirst));
}

TEST(QrStream, TriesHardAtTheLastPicture) {
  const plugin::Distortion hard{.pixels = 9, .blur = 0.55, .contrast = 0.5, .noise = 3, .inverted = true};
  const plugin::Picture picture = picture_of({sealed_offer(350)}, hard);
  plugin::CodeSearch search(picture);
  for (std::size_t manner = 0; manner < 4; ++manner) {
    if (!search.search(manner).empty()) GTEST_SKIP() << "this version of ZXing-C++ reads it without trying hard";
  }
  UnixPipe pipe;
  auto received = receive_in_background(qr({{"in", fd_option(pipe.out)}}));
  write_all(pipe.in, pnm_of(picture));
  pipe.in.reset();
  EXPECT_THAT(received.get().offers, ElementsAre(sealed_offer(350)));
}

class QrFolder : public testing::Test {
 protected:
  Carrier carrier() { return qr({{"in", folder_.path()}}, &log_); }
  static std::string photo(const Bytes& offer) { return as_string(jpeg_of(picture_of({offer}), 70)); }

  TemporaryFolder folder_;
  TestLog log_;
};

TEST_F(QrFolder, GivesWhatIsThere) {
  write_file(folder_ / "notes.txt", "nothing to see");
  write_file(folder_ / "a.jpg", photo(kFirst));
  std::filesystem::create_directory(folder_ / "more");
  EXPECT_EQ(Watching(carrier()).first(), kFirst);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(QrFolder, GivesTheNewestFirst) {
  write_file(folder_ / "new.jpg", photo(kFirst));
  write_file(folder_ / "old.jpg", photo(kSecond));
  std::filesystem::last_write_time(folder_ / "old.jpg", std::filesystem::last_write_time(folder_ / "new.jpg") - 1h);
  EXPECT_EQ(Watching(carrier()).first(), kFirst);
}

TEST_F(QrFolder, GivesWhatComes) {
  Watching watching(carrier());
  write_file(folder_ / "a.jpg", photo(kFirst));
  EXPECT_EQ(watching.first(), kFirst);
}

TEST_F(QrFolder, GivesWhatIsMovedThere) {
  const TemporaryFolder elsewhere;
  write_file(elsewhere / "a.jpg", photo(kFirst));
  Watching watching(carrier());
  std::filesystem::rename(elsewhere / "a.jpg", folder_ / "a.jpg");
  EXPECT_EQ(watching.first(), kFirst);
}

TEST_F(QrFolder, LooksAgainAtAFileThatHasChanged) {
  write_file(folder_ / "a.jpg", "not yet");
  Watching watching(carrier());
  write_file(folder_ / "a.jpg", photo(kFirst));
  EXPECT_EQ(watching.first(), kFirst);
}

TEST_F(QrFolder, FollowsNoLinkAndLooksAtNothingHidden) {
  const TemporaryFolder elsewhere;
  write_file(elsewhere / "a.jpg", photo(kSecond));
  std::filesystem::create_symlink(elsewhere / "a.jpg", folder_ / "link.jpg");
  write_file(folder_ / ".hidden.jpg", photo(kSecond));
  make_fifo(folder_ / "fifo");
  Watching watching(carrier());
  write_file(folder_ / "b.jpg", photo(kFirst));
  EXPECT_EQ(watching.first(), kFirst);
}

TEST_F(QrFolder, SaysWhichNewPictureShowsNoCode) {
  write_file(folder_ / "old.png", as_string(png_of(plugin::Picture(100, 100))));
  write_file(folder_ / "b.jpg", photo(kFirst));
  Watching watching(carrier());
  EXPECT_EQ(watching.first(), kFirst);  // it watches
  write_file(folder_ / "a.png", as_string(png_of(plugin::Picture(100, 100))));
  for (const auto end = boot_time() + 20s; log_.lines().empty() && boot_time() < end;) std::this_thread::yield();
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("no QR code can be read in " + (folder_ / "a.png").string())));
}

TEST_F(QrFolder, IsCancelledWhileItWaits) {
  Watching watching(carrier());
  EXPECT_EQ(watching.end(), Errc::kCancelled);
}

}  // namespace
}  // namespace quicket
