#include "plugins/qr/picture.hpp"

#include <gmock/gmock.h>
#include <png.h>

#include "tests/plugins/qr/qr.hpp"

namespace quicket::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Decoded decode_all(const Octets& stream) {
  FrameReader reader;
  reader.feed(stream);
  reader.finish();
  const auto frame = reader.next();
  return frame ? decode(*frame) : Decoded{.problem = "no frame"};
}

Octets decoded_pixels(std::string_view stream) {
  const Decoded decoded = decode_all(as_octets(stream));
  return decoded.picture ? decoded.picture->pixels : Octets();
}

TEST(Picture, IsTheSameFromAPngAndAPnm) {
  const Picture picture = blank_picture(50, 20);
  EXPECT_EQ(decode_all(png_of(picture)).picture.value().pixels, picture.pixels);
  EXPECT_EQ(decode_all(as_octets(pnm_of(picture))).picture.value().pixels, picture.pixels);
}

TEST(Picture, IsNearlyTheSameFromAJpeg) {
  const Picture code = picture_of({sealed_offer(50)});
  const Picture decoded = decode_all(jpeg_of(code, 95)).picture.value();
  ASSERT_EQ(decoded.width, code.width);
  for (std::size_t i = 0; i < code.area(); ++i) ASSERT_NEAR(decoded.pixels[i], code.pixels[i], 40) << i;
}

TEST(Picture, TakesABitForABlackPixel) {
  EXPECT_THAT(decoded_pixels(std::string("P4 3 2\n\xa0\x40")), ElementsAre(0, 255, 0, 255, 0, 255));
}

TEST(Picture, ScalesSamplesToWhatTheirGreatestIs) {
  EXPECT_THAT(decoded_pixels(std::string("P5 3 1 15\n\x00\x0f\x10", 13)), ElementsAre(0, 255, 255));
  EXPECT_THAT(decoded_pixels(std::string("P5 2 1 65535\n\x00\x00\xff\xff", 17)), ElementsAre(0, 255));
}

TEST(Picture, WeighsColours) {
  EXPECT_THAT(decoded_pixels("P6 4 1 255\n" + std::string("\xff\x00\x00\x00\xff\x00\x00\x00\xff\xff\xff\xff", 12)),
              ElementsAre(76, 149, 29, 255));
}

TEST(Picture, TakesTheLumaPlaneOfAVideo) {
  EXPECT_THAT(decoded_pixels("YUV4MPEG2 W2 H1\nFRAME\n" + std::string("\x10\xeb\x80\x80", 4)), ElementsAre(0x10, 0xeb));
}

TEST(Picture, IsWhiteWhereAPngIsTransparent) {
  const std::uint8_t pixels[] = {0, 0, 0, 255};  // grey and alpha
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = 2;
  image.height = 1;
  image.format = PNG_FORMAT_GA;
  Octets file(1'000);
  png_alloc_size_t size = file.size();
  ASSERT_NE(png_image_write_to_memory(&image, file.data(), &size, 0, pixels, 0, nullptr), 0);
  file.resize(size);
  EXPECT_THAT(decode_all(file).picture.value().pixels, ElementsAre(255, 0));
}

TEST(Picture, OfALargeJpegIsSmaller) {
  const Picture decoded = decode_all(jpeg_of(Picture(5'000, 4'001), 30)).picture.value();
  EXPECT_EQ(decoded.width, 2'500);
  EXPECT_EQ(decoded.height, 2'001);
}

TEST(Picture, OfTooManyPixelsIsRefused) {
  Octets file = jpeg_of(Picture(16, 16), 30);
  const Octets frame_header{0xff, 0xc0};
  const auto at = std::search(file.begin(), file.end(), frame_header.begin(), frame_header.end());
  ASSERT_NE(at, file.end());
  std::fill_n(at + 5, 4, std::uint8_t{0xf0});  // height and width
  EXPECT_THAT(decode_all(file).problem, HasSubstr("pixels"));
}

TEST(Picture, SaysThatAFileIsDamaged) {
  Octets png = png_of(blank_picture()), jpeg = jpeg_of(blank_picture(), 60);
  png[60] ^= 0xff;
  jpeg[30] ^= 0xff;
  EXPECT_THAT(decode_all(png).problem, HasSubstr("as PNG it is damaged: "));
  jpeg.resize(25);
  EXPECT_THAT(decode_all(jpeg).problem, HasSubstr("as JPEG it is damaged: "));
}

TEST(Picture, OfAJpegThatIsCutShortGoesAsFarAsItCame) {
  Octets jpeg = jpeg_of(blank_picture(), 60);
  jpeg.resize(jpeg.size() * 3 / 4);
  const Decoded decoded = decode_all(jpeg);
  ASSERT_TRUE(decoded.picture) << decoded.problem;
  EXPECT_EQ(decoded.picture->width, 320);
}

}  // namespace
}  // namespace quicket::plugin
