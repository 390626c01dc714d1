#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "plugins/qr/picture.hpp"
#include "plugins/qr/symbol.hpp"

namespace quicket::plugin {

// Distortion is what a bad camera does to a code.
struct Distortion {
  double pixels = 4;       // a module
  double rotation = 0;     // degrees
  double perspective = 0;  // how far each corner moves at most: a share of the side
  double blur = 0;         // standard deviation, modules
  double contrast = 1;     // 1: black on white
  double noise = 0;        // standard deviation; white is 255
  int jpeg_quality = 0;    // 1 to 100; 0: no JPEG
  bool inverted = false;

  std::string describe() const;
};

// photograph gives a picture of the symbols, one beside the other on paper that lies on something else. The same seed
// gives the same picture.
Picture photograph(std::span<const Symbol> symbols, const Distortion& distortion, std::uint32_t seed);

// jpeg_of and png_of make files.
Octets jpeg_of(const Picture& picture, int quality);
Octets png_of(const Picture& picture);

}  // namespace quicket::plugin
