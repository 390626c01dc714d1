#include "plugins/qr/picture.hpp"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <memory>

namespace quicket::plugin {

namespace {

constexpr std::size_t kEnoughPixels = 16 << 20;  // a JPEG of more is decoded to a half, a quarter or an eighth

Decoded too_large() { return {.problem = "it has more than 67 million pixels"}; }

bool fits(std::size_t width, std::size_t height) {
  return width > 0 && height > 0 && width <= kMaxPixels && height <= kMaxPixels / width;
}

Decoded decode_png(OctetView file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto problem = [&image] { return Decoded{.problem = std::string("as PNG it is damaged: ") + image.message}; };
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) return problem();
  const std::unique_ptr<png_image, decltype(&png_image_free)> freed(&image, &png_image_free);
  if (!fits(image.width, image.height)) return too_large();
  image.format = PNG_FORMAT_GRAY;
  Picture picture(static_cast<int>(image.width), static_cast<int>(image.height));
  const png_color white{255, 255, 255};  // behind what is transparent
  if (png_image_finish_read(&image, &white, picture.pixels.data(), 0, nullptr) == 0) return problem();
  return {.picture = std::move(picture)};
}

Decoded decode_jpeg(OctetView file) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), &tjDestroy);
  if (!decoder) return {.problem = "no JPEG decoder can be had"};
  const auto problem = [&] {
    return Decoded{.problem = std::string("as JPEG it is damaged: ") + tjGetErrorStr2(decoder.get())};
  };
  const auto size = static_cast<unsigned long>(file.size());
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder.get(), file.data(), size, &width, &height, &subsampling, &colours) != 0) {
    return problem();
  }
  if (width <= 0 || height <= 0) return {.problem = "as JPEG it is damaged: it has no size"};
  if (!fits(static_cast<std::size_t>(width), static_cast<std::size_t>(height))) return too_large();
  int divisor = 1;
  const auto scaled = [&divisor](int side) { return (side + divisor - 1) / divisor; };  // as TJSCALED()
  const auto pixels = [&] {
    return static_cast<std::size_t>(scaled(width)) * static_cast<std::size_t>(scaled(height));
  };
  while (divisor < 8 && pixels() > kEnoughPixels) divisor *= 2;
  Picture picture(scaled(width), scaled(height));
  const int done = tjDecompress2(decoder.get(), file.data(), size, picture.pixels.data(), picture.width, 0,
                                 picture.height, TJPF_GRAY, TJFLAG_LIMITSCANS);
  if (done != 0 && tjGetErrorCode(decoder.get()) != TJERR_WARNING) return problem();
  return {.picture = std::move(picture)};
}

std::uint8_t grey_of(std::size_t red, std::size_t green, std::size_t blue) {
  return static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue) / 1'000);
}

Decoded decode_raw(const RawFormat& format, OctetView bytes) {
  Picture picture(format.width, format.height);
  const std::size_t width = static_cast<std::size_t>(format.width);
  const std::size_t most = static_cast<std::size_t>(format.max_value), bytes_each = most > 255 ? 2 : 1;
  const auto sample = [&](std::size_t i) {
    const std::size_t value =
        bytes_each == 1 ? bytes[i] : static_cast<std::size_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    return std::min(value, most) * 255 / most;
  };
  for (std::size_t i = 0; i < picture.area(); ++i) {
    std::uint8_t& pixel = picture.pixels[i];
    switch (format.samples) {
      case RawFormat::Samples::kBits: {
        const std::size_t x = i % width, y = i / width;
        const int byte = bytes[y * ((width + 7) / 8) + x / 8];
        pixel = (byte >> (7 - x % 8) & 1) != 0 ? 0 : 255;
        break;
      }
      case RawFormat::Samples::kGray:
        pixel = static_cast<std::uint8_t>(sample(i));
        break;
      case RawFormat::Samples::kRgb:
        pixel = grey_of(sample(3 * i), sample(3 * i + 1), sample(3 * i + 2));
        break;
      case RawFormat::Samples::kLumaPlane:
        pixel = bytes[i];
        break;
    }
  }
  return {.picture = std::move(picture)};
}

}  // namespace

Decoded decode(const Frame& frame) {
  if (frame.form == Frame::Form::kPng) return decode_png(frame.bytes);
  if (frame.form == Frame::Form::kJpeg) return decode_jpeg(frame.bytes);
  return decode_raw(frame.raw, frame.bytes);
}

}  // namespace quicket::plugin
