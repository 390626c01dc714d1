#pragma once

#include <quicket/bytes.hpp>

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quicket {

// from_hex reads what hex() writes, in either case. Throws std::invalid_argument.
inline Bytes from_hex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint8_t value = 0;
    const char* const digits = text.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
      throw std::invalid_argument(std::string(text));
    bytes[i] = std::byte(value);
  }
  if (text.size() % 2 != 0) throw std::invalid_argument(std::string(text));
  return bytes;
}

}  // namespace quicket
