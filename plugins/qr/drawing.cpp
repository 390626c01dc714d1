#include "plugins/qr/drawing.hpp"

#include <png.h>

#include <cstdint>
#include <vector>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

std::string terminal_drawing(const Symbol& symbol) {
  // First the two of the 16 colours that come nearest, for old terminals, then two that no theme changes.
  constexpr std::string_view kBlackOnWhite = "\x1b[30;107m\x1b[38;5;16;48;5;231m", kPlain = "\x1b[0m";
  constexpr std::string_view kLight = " ", kUpper = "\u2580", kLower = "\u2584", kDark = "\u2588";
  const int begin = -kTerminalMargin, end = symbol.size() + kTerminalMargin;
  std::string text = "\r\x1b[K";  // a line that somebody left unfinished
  for (int y = begin; y < end; y += 2) {
    text += kBlackOnWhite;
    for (int x = begin; x < end; ++x) {
      const bool upper = symbol.is_dark(x, y), lower = symbol.is_dark(x, y + 1);
      text += upper ? (lower ? kDark : kUpper) : (lower ? kLower : kLight);
    }
    text.append(kPlain).append("\n");
  }
  return text;
}

TerminalSize terminal_size_of(const Symbol& symbol) {
  const int modules = symbol.size() + 2 * kTerminalMargin;
  return {.columns = modules, .rows = (modules + 1) / 2 + 1};
}

std::string svg_drawing(const Symbol& symbol, int scale) {
  const int modules = symbol.size() + 2 * kPictureMargin;
  const std::string inner = std::to_string(modules), outer = std::to_string(modules * scale);
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + outer + "\" height=\"" + outer +
                     "\" viewBox=\"0 0 " + inner + " " + inner +
                     "\" shape-rendering=\"crispEdges\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
                     "<path fill=\"#000\" d=\"";
  for (int y = 0; y < symbol.size(); ++y) {
    for (int x = 0; x < symbol.size();) {
      int run = 0;
      while (symbol.is_dark(x + run, y)) ++run;
      if (run > 0) {
        text += "M" + std::to_string(x + kPictureMargin) + " " + std::to_string(y + kPictureMargin) + "h" +
                std::to_string(run) + "v1h-" + std::to_string(run) + "z";
      }
      x += run + 1;
    }
  }
  return text + "\"/>\n</svg>\n";
}

std::string png_drawing(const Symbol& symbol, int scale) {
  const int side = (symbol.size() + 2 * kPictureMargin) * scale;
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool dark = symbol.is_dark(x / scale - kPictureMargin, y / scale - kPictureMargin);
      pixels.push_back(dark ? 0 : 255);
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  std::string file(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) == 0) {
    throw Failed(std::string("the picture cannot be made: ") + image.message);
  }
  file.resize(size);
  return file;
}

}  // namespace quicket::plugin
