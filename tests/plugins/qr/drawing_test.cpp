#include "plugins/qr/drawing.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <iostream>

#include "plugins/qr/terminal.hpp"
#include "tests/plugins/qr/qr.hpp"

namespace quicket::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const Bytes kOffer = sealed_offer(240);
const std::string kText = offer_to_digits(kOffer);
const Symbol kSymbol = symbol_of(kOffer);

// on_screen gives the picture that a terminal shows, 4x8 pixels a character. Only what is drawn in black on white
// counts; the rest is black, as on a dark terminal.
Picture on_screen(std::string_view drawing) {
  constexpr std::string_view kOn = "\x1b[30;107m\x1b[38;5;16;48;5;231m", kOff = "\x1b[0m";
  std::vector<std::string> lines;
  EXPECT_TRUE(drawing.starts_with("\r\x1b[K"));
  drawing.remove_prefix(4);
  while (!drawing.empty()) {
    std::string_view line = drawing.substr(0, drawing.find('\n'));
    drawing.remove_prefix(line.size() + 1);
    EXPECT_TRUE(line.starts_with(kOn) && line.ends_with(kOff)) << line;
    line.remove_prefix(kOn.size());
    line.remove_suffix(kOff.size());
    std::string cells;  // bit 0: the upper half is dark, bit 1: the lower one
    for (std::size_t at = 0; at < line.size(); at += line[at] == ' ' ? 1 : 3) {
      const std::string_view cell = line.substr(at, 3);
      cells += line[at] == ' ' ? '\0' : cell == "\u2580" ? '\1' : cell == "\u2584" ? '\2' : '\3';
    }
    lines.push_back(cells);
  }
  Picture picture(static_cast<int>(lines[0].size()) * 4 + 40, static_cast<int>(lines.size()) * 8 + 40);
  for (int y = 20; y < picture.height - 20; ++y) {
    for (int x = 20; x < picture.width - 20; ++x) {
      const char cell = lines[static_cast<std::size_t>((y - 20) / 8)].at(static_cast<std::size_t>((x - 20) / 4));
      picture.row(y)[x] = ((y - 20) % 8 < 4 ? cell & 1 : cell & 2) != 0 ? 0 : 255;
    }
  }
  return picture;
}

TEST(Drawing, OnATerminalIsReadOffADarkScreen) {
  EXPECT_THAT(first_codes(on_screen(terminal_drawing(kSymbol))), ElementsAre(kText));
}

TEST(Drawing, OnATerminalTakesTheSizeThatItSays) {
  const std::string drawing = terminal_drawing(kSymbol);
  const Picture screen = on_screen(drawing);
  const TerminalSize size = terminal_size_of(kSymbol);
  EXPECT_EQ((screen.width - 40) / 4, size.columns);
  EXPECT_EQ(std::ranges::count(drawing, '\n') + 1, size.rows);
}

TEST(Drawing, AsPngIsReadAtEveryScale) {
  for (const int scale : {1, 2, 8, 32}) {
    const std::string file = png_drawing(kSymbol, scale);
    const Octets bytes = as_octets(file);
    const Picture picture = decode({.form = Frame::Form::kPng, .bytes = bytes}).picture.value();
    EXPECT_EQ(picture.width, (kSymbol.size() + 8) * scale);
    if (scale > 1) {
      EXPECT_THAT(first_codes(picture), ElementsAre(kText)) << scale;
    }
  }
}

TEST(Drawing, AsSvgIsRead) {
  const std::string file = svg_drawing(kSymbol, 3);
  const int side = kSymbol.size() + 8;
  EXPECT_THAT(file, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(3 * side) + "\""));
  EXPECT_THAT(file, HasSubstr("viewBox=\"0 0 " + std::to_string(side) + " " + std::to_string(side) + "\""));
  Picture picture(side * 4, side * 4);
  std::ranges::fill(picture.pixels, std::uint8_t{255});
  for (std::size_t at = file.find(" d=\"") + 4; file[at] == 'M'; at = file.find('z', at) + 1) {
    int x = 0, y = 0, length = 0, back = 0;
    ASSERT_EQ(std::sscanf(file.c_str() + at, "M%d %dh%dv1h-%dz", &x, &y, &length, &back), 4);
    EXPECT_EQ(length, back);
    for (int row = y * 4; row < y * 4 + 4; ++row) std::fill_n(picture.row(row) + x * 4, length * 4, std::uint8_t{0});
  }
  EXPECT_THAT(first_codes(picture), ElementsAre(kText));
}

TEST(Symbol, OfACompactSealedOfferIsOfVersion10OrLess) {
  for (const std::size_t size : {220u, 235u, 250u}) {
    const Symbol symbol = symbol_of(sealed_offer(size));
    std::cout << size << " bytes: version " << symbol.version() << ", " << symbol.size() << " modules a side\n";
    EXPECT_LE(symbol.version(), 10);
  }
}

TEST(Symbol, HoldsTheLargestOfferThatTheCarrierTakesAndNoMore) {
  EXPECT_EQ(symbol_of(sealed_offer(Symbol::kMaxOffer)).version(), 40);
  EXPECT_FALSE(Symbol::encode(offer_to_digits(sealed_offer(Symbol::kMaxOffer + 1))));
}

TEST(Symbol, IsMadeOfDigitsOnly) {
  for (const char* text : {"", "QUICKET:", "quicket:/123", "QUICKET:/12a4", "QUICKET:/12 4"}) {
    EXPECT_FALSE(Symbol::encode(text)) << text;
  }
}

std::string refusal_of(TerminalSize there) {
  try {
    refuse_small_terminal(there, {.columns = 61, .rows = 32});
  } catch (const Failed& failed) {
    return failed.what();
  }
  return {};
}

TEST(SmallTerminal, IsRefusedWithWhatToDo) {
  EXPECT_THAT(refusal_of({60, 50}), HasSubstr("it has 60x50 characters, the code takes 61x32. Enlarge the window"));
  EXPECT_THAT(refusal_of({61, 31}), HasSubstr("out=FILE.png"));
  EXPECT_EQ(refusal_of({61, 32}), "");
}

}  // namespace
}  // namespace quicket::plugin
