#pragma once

#include <optional>
#include <string>

#include "plugins/qr/frame_reader.hpp"

namespace quicket::plugin {

// Picture is an image in grey: row by row, a byte a pixel, 0 is black.
struct Picture {
  int width = 0, height = 0;  // pixels
  Octets pixels;

  Picture() = default;
  Picture(int columns, int rows) : width(columns), height(rows), pixels(area()) {}
  std::size_t area() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::ptrdiff_t>(y) * width; }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::ptrdiff_t>(y) * width; }
};

// Decoded is a picture, or why there is none.
struct Decoded {
  std::optional<Picture> picture;
  std::string problem;  // for people: "it is cut short"
};

// decode turns what came into a picture of at most kMaxPixels. Any bytes may come. A JPEG that is cut short, or larger
// than codes need, is given as far as it goes, or smaller.
Decoded decode(const Frame& frame);

}  // namespace quicket::plugin
