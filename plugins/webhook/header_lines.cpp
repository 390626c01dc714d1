#include "plugins/webhook/header_lines.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxLines = 32;
constexpr std::array<std::string_view, 5> kOwn{"content-length", "host", "expect", "transfer-encoding", "connection"};
constexpr std::string_view kOwnPrefix = "webhook-";
constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";  // RFC 9110 section 5.6.2

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || kTokenMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

}  // namespace

std::vector<std::string> parse_header_lines(std::string_view lines) {
  std::vector<std::string> headers;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const std::string_view whole = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(whole.size() + 1, lines.size()));
    const std::string_view line = trim(whole);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = "line " + std::to_string(number);
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : trim(line.substr(colon + 1));
    if (!is_name(name) || !is_value(value)) throw std::invalid_argument(where + " is not NAME: VALUE");
    std::string low(name);
    std::ranges::transform(low, low.begin(), lower);
    if (low.starts_with(kOwnPrefix) || std::ranges::find(kOwn, low) != kOwn.end()) {
      throw std::invalid_argument(where + " sets " + low + ", which is not for you to set");
    }
    if (headers.size() == kMaxLines) throw std::invalid_argument("it holds more than 32 headers");
    headers.push_back(std::string(name).append(": ").append(value));
  }
  return headers;
}

}  // namespace quicket::plugin
