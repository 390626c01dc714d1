#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/qr/code_search.hpp"
#include "plugins/qr/drawing.hpp"
#include "tests/plugins/qr/photograph.hpp"
#include "tests/plugins/stdio/stdio.hpp"

namespace quicket {

// What the tests of the QR carrier share. The carrier is the built plugin, loaded as the program does.

inline Outcome<Carrier> try_qr(const CarrierOptions& options, TestLog* log = nullptr) {
  const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, real_services(log));
  return library.open({.name = "qr", .options = options});
}

inline Carrier qr(const CarrierOptions& options, TestLog* log = nullptr) { return try_qr(options, log).value(); }

inline plugin::Symbol symbol_of(ByteView offer) { return plugin::Symbol::encode(offer_to_digits(offer)).value(); }

inline plugin::Picture picture_of(const std::vector<Bytes>& offers, const plugin::Distortion& distortion = {}) {
  std::vector<plugin::Symbol> symbols;
  for (const Bytes& offer : offers) symbols.push_back(symbol_of(offer));
  return plugin::photograph(symbols, distortion, 1);
}

inline plugin::Picture blank_picture(int width = 320, int height = 240) {
  plugin::Picture picture(width, height);
  for (std::size_t i = 0; i < picture.area(); ++i) picture.pixels[i] = static_cast<std::uint8_t>(i % 251);
  return picture;
}

inline std::string as_string(const plugin::Octets& octets) { return {octets.begin(), octets.end()}; }
inline plugin::Octets as_octets(std::string_view text) { return {text.begin(), text.end()}; }

// pnm_of is a file in the format P5.
inline std::string pnm_of(const plugin::Picture& picture) {
  return "P5\n# grey\n" + std::to_string(picture.width) + " " + std::to_string(picture.height) + "\n255\n" +
         as_string(picture.pixels);
}

// first_codes gives what is read without any trick.
inline std::vector<std::string> first_codes(const plugin::Picture& picture) {
  return plugin::CodeSearch(picture).search(0);
}

}  // namespace quicket
