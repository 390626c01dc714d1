#pragma once

#include <string>

#include "plugins/qr/symbol.hpp"

// Symbols as people and cameras see them. Each drawing has a light margin of its own.
namespace quicket::plugin {

constexpr int kTerminalMargin = 2, kPictureMargin = 4;  // modules

// TerminalSize is in character cells.
struct TerminalSize {
  int columns = 0, rows = 0;
};

// terminal_drawing uses half blocks, two modules a cell, black on white whatever the terminal's colours are.
std::string terminal_drawing(const Symbol& symbol);
// terminal_size_of says what terminal_drawing takes, the line that the cursor ends in included.
TerminalSize terminal_size_of(const Symbol& symbol);

// svg_drawing and png_drawing give files with `scale` pixels a module. png_drawing throws Failed.
std::string svg_drawing(const Symbol& symbol, int scale);
std::string png_drawing(const Symbol& symbol, int scale);

}  // namespace quicket::plugin
