#include "apps/options/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace quicket::apps {

namespace {

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr std::array kUnits{Unit{"d", std::chrono::days(1)}, Unit{"h", std::chrono::hours(1)},
                            Unit{"min", std::chrono::minutes(1)}, Unit{"s", std::chrono::seconds(1)},
                            Unit{"ms", std::chrono::milliseconds(1)}};

std::string_view take_word(std::string_view& text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) - text.begin());
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(' '), text.size())); }

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  Duration sum{};
  auto unit = kUnits.begin();
  skip_blanks(text);
  if (text.empty()) return std::nullopt;
  for (; !text.empty(); skip_blanks(text)) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    skip_blanks(text);
    const std::string_view name = take_word(text);
    unit = std::find_if(unit, kUnits.end(), [name](const Unit& one) { return one.name == name; });
    if (unit == kUnits.end() || count > static_cast<std::uint64_t>(kMaxDuration / unit->size)) return std::nullopt;
    sum += static_cast<std::int64_t>(count) * unit->size;
    ++unit;
  }
  if (sum > kMaxDuration) return std::nullopt;
  return sum;
}

std::string duration_text(Duration duration) {
  std::string text;
  for (const Unit& unit : kUnits) {
    const auto count = duration / unit.size;
    duration -= count * unit.size;
    if (count > 0) text += std::to_string(count) + std::string(unit.name);
  }
  return text.empty() ? "0s" : text;
}

}  // namespace quicket::apps
