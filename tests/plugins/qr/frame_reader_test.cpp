#include <gmock/gmock.h>

#include "plugins/qr/frame_reader.hpp"
#include "tests/plugins/qr/qr.hpp"

namespace quicket::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Found is a frame, kept.
struct Found {
  Frame::Form form;
  int width, height;  // 0 unless raw
  Octets bytes;
  friend bool operator==(const Found&, const Found&) = default;
};

std::vector<Found> frames_of(std::string_view stream, std::size_t piece = 65'536) {
  FrameReader reader;
  std::vector<Found> all;
  const auto take = [&] {
    while (const auto frame = reader.next()) {
      all.push_back({frame->form, frame->raw.width, frame->raw.height, {frame->bytes.begin(), frame->bytes.end()}});
    }
  };
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    reader.feed(as_octets(stream.substr(0, piece)));
    take();
  }
  reader.finish();
  take();
  return all;
}

const Picture kPicture = blank_picture(40, 30);
const Octets kPng = png_of(kPicture), kJpeg = jpeg_of(kPicture, 80);
const Found kPngFound{Frame::Form::kPng, 0, 0, kPng}, kJpegFound{Frame::Form::kJpeg, 0, 0, kJpeg};
const Found kRawFound{Frame::Form::kRaw, 40, 30, kPicture.pixels};

// y4m_frame is one frame without colour.
std::string y4m_frame() { return "FRAME Ixyz\n" + as_string(kPicture.pixels); }

TEST(FrameReader, TellsEveryFormatByItself) {
  const std::string y4m = "YUV4MPEG2 W40 H30 F25:1 Ip Cmono\n" + y4m_frame() + y4m_frame();
  const std::string stream = as_string(kPng) + as_string(kJpeg) + pnm_of(kPicture) + y4m + as_string(kJpeg);
  EXPECT_THAT(frames_of(stream), ElementsAre(kPngFound, kJpegFound, kRawFound, kRawFound, kRawFound, kJpegFound));
}

TEST(FrameReader, GivesTheSameFramesHoweverTheStreamIsCut) {
  const std::string stream = "junk P" + as_string(kJpeg) + "P5 x" + pnm_of(kPicture) + as_string(kPng) + "\n";
  const auto whole = frames_of(stream);
  EXPECT_THAT(whole, ElementsAre(kJpegFound, kRawFound, kPngFound));
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 100u}) EXPECT_EQ(frames_of(stream, piece), whole) << piece;
}

TEST(FrameReader, PassesOverWhatLiesBetweenFrames) {
  const std::string boundary = "\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 1234\r\n\r\n";
  EXPECT_THAT(frames_of(boundary + as_string(kJpeg) + boundary + as_string(kJpeg) + "\r\n--frame--\r\n"),
              ElementsAre(kJpegFound, kJpegFound));
}

TEST(FrameReader, GivesNothingOfOtherBytes) {
  EXPECT_THAT(frames_of(""), IsEmpty());
  EXPECT_THAT(frames_of("This is a text about P5 and FRAME and YUV4MPEG2 as such.\n"), IsEmpty());
  EXPECT_THAT(frames_of(std::string(200'000, '\xff')), IsEmpty());
}

TEST(FrameReader, KeepsAPictureInsideAJpegApartFromIt) {
  const std::string jpeg = as_string(kJpeg);
  const std::size_t length = jpeg.size() + 2;
  const std::string thumbnail{'\xff', '\xe1', static_cast<char>(length >> 8), static_cast<char>(length & 0xff)};
  const std::string both = jpeg.substr(0, 2) + thumbnail + jpeg + jpeg.substr(2);
  EXPECT_THAT(frames_of(both), ElementsAre(Found{Frame::Form::kJpeg, 0, 0, as_octets(both)}));
}

TEST(FrameReader, GoesOnBehindAJpegThatEndsTooSoon) {
  const std::string jpeg = as_string(kJpeg);
  EXPECT_THAT(frames_of(jpeg.substr(0, jpeg.size() - 20) + jpeg + jpeg), ElementsAre(kJpegFound, kJpegFound));
}

TEST(FrameReader, GivesACompressedPictureThatIsCutShortAsFarAsItGoes) {
  for (const Octets& file : {kPng, kJpeg}) {
    const std::string cut = as_string(file).substr(0, file.size() - 5);
    const auto found = frames_of(cut);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].bytes, as_octets(cut));
  }
}

TEST(FrameReader, RefusesHeadersOfFramesThatAreTooLargeOrStrange) {
  for (const std::string header :
       {"P5 30000 30000 255\n", "P6 9000 9000 255\n", "P5 0 7 255\n", "P5 7 7 0\n", "P5 7 7 65536\n", "P5 7 7 255x",
        "P5 7 -7 255\n", "P5 99999999999 7 255\n", "P4 40000 1\n", "P5 7 7", "YUV4MPEG2 W640 H480 C420p10\nFRAME\n",
        "YUV4MPEG2 H480\nFRAME\n", "YUV4MPEG2 W30000 H30000 Cmono\nFRAME\n", "YUV4MPEG2 W640 H480 Cnone\nFRAME\n"}) {
    EXPECT_THAT(frames_of(header + " " + as_string(kPng)), ElementsAre(kPngFound)) << header;
  }
  EXPECT_THAT(frames_of("P5 #" + std::string(5'000, 'x') + as_string(kPng)), ElementsAre(kPngFound));
  EXPECT_THAT(frames_of("YUV4MPEG2 " + std::string(5'000, 'x') + as_string(kPng)), ElementsAre(kPngFound));
}

TEST(FrameReader, RefusesAChunkThatIsTooLarge) {
  const std::string chunk{'\x7f', '\xff', '\xff', '\xff', 'I', 'D', 'A', 'T'};
  EXPECT_THAT(frames_of(as_string(kPng).substr(0, 33) + chunk + as_string(kPng)), ElementsAre(kPngFound));
}

TEST(FrameReader, KnowsHowLongTheFramesOfEachColourFormatAre) {
  const std::pair<const char*, std::size_t> formats[] = {{"", 1'200 + 2 * 300},        {" C420jpeg", 1'200 + 2 * 300},
                                                         {" C422", 3 * 1'200 - 1'200}, {" C444", 3 * 1'200},
                                                         {" C411", 2 * 300 + 1'200},   {" C444alpha", 4 * 1'200}};
  for (const auto& [colours, size] : formats) {
    const std::string frame = "FRAME\n" + std::string(size, '\x55');
    const auto found = frames_of(std::string("YUV4MPEG2 W40 H30") + colours + "\n" + frame + frame);
    ASSERT_EQ(found.size(), 2u) << colours;
    EXPECT_EQ(found[1].bytes.size(), size) << colours;
  }
}

}  // namespace
}  // namespace quicket::plugin
