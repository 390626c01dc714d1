#pragma once

#include <cstring>
#include <optional>
#include <string>

namespace quicket {

// bounded_text copies a plugin's string. Nothing when it is null or has no terminator within `max` characters.
inline std::optional<std::string> bounded_text(const char* text, std::size_t max) {
  if (text == nullptr) return std::nullopt;
  const std::size_t size = ::strnlen(text, max + 1);
  if (size > max) return std::nullopt;
  return std::string(text, size);
}

// printable_text copies at most `max` characters of a plugin's string, control characters as '?': fit for a terminal.
inline std::string printable_text(const char* text, std::size_t max) {
  if (text == nullptr) return {};
  std::string copy(text, ::strnlen(text, max));
  for (char& c : copy) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return copy;
}

}  // namespace quicket
