#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace quicket::plugin {

// Symbol is a QR code: a square of modules, dark or light. The light margin around it, which readers need, is not part
// of it.
class Symbol {
 public:
  // Bytes of the largest offer that version 40, the largest, takes as digits.
  static constexpr std::size_t kMaxOffer = 2'910;

  // encode makes the smallest symbol for "QUICKET:/" and digits. Nothing when the text is too long, or is something
  // else. Error correction is the least there is, L: what helps a camera most is large modules.
  static std::optional<Symbol> encode(const std::string& text);

  int size() const noexcept { return size_; }                // modules a side
  int version() const noexcept { return (size_ - 17) / 4; }  // 1 to 40
  bool is_dark(int x, int y) const noexcept;                 // light outside

 private:
  Symbol(int size, std::vector<bool> modules) : size_(size), modules_(std::move(modules)) {}

  int size_;
  std::vector<bool> modules_;  // row by row
};

}  // namespace quicket::plugin
