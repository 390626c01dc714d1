#include "apps/quicket/format.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quicket::cli {

namespace {

// decimal writes a number with that many digits behind the point.
std::string decimal(double value, int digits) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

// three_digits writes a number below 1000 with three digits in all.
std::string three_digits(double value) { return decimal(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0); }

std::string scaled(double bytes) {
  constexpr std::array kUnits{" bytes", " kB", " MB", " GB", " TB", " PB", " EB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1'000;
    ++unit;
  }
  return (unit == 0 ? decimal(bytes, 0) : three_digits(bytes)) + kUnits[unit];
}

// tenths writes one digit behind the point unless it is a zero.
std::string tenths(double value) {
  std::string text = decimal(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

std::string format_size(std::uint64_t bytes) { return bytes == 1 ? "1 byte" : scaled(static_cast<double>(bytes)); }

std::string format_rate(std::uint64_t bytes, Duration time) {
  if (time <= Duration::zero()) return "-";
  const double seconds = std::chrono::duration<double>(time).count();
  return scaled(static_cast<double>(bytes) / seconds) + "/s";
}

std::string format_duration(Duration duration) {
  const double seconds = std::max(0.0, std::chrono::duration<double>(duration).count());
  if (seconds == 0) return "0 s";
  if (seconds < 0.00995) return tenths(seconds * 1'000) + " ms";
  if (seconds < 0.9995) return decimal(seconds * 1'000, 0) + " ms";
  if (seconds < 9.95) return tenths(seconds) + " s";
  if (seconds < 119.5) return decimal(seconds, 0) + " s";
  if (seconds < 119.5 * 60) return decimal(seconds / 60, 0) + " min";
  if (seconds < 47.95 * 3'600) return tenths(seconds / 3'600) + " h";
  return tenths(seconds / 86'400) + " d";
}

std::string format_clock(Duration duration) {
  const auto seconds = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  std::array<char, 40> text{};
  const int size = seconds < 3'600 ? std::snprintf(text.data(), text.size(), "%d:%02d", static_cast<int>(seconds / 60),
                                                   static_cast<int>(seconds % 60))
                                   : std::snprintf(text.data(), text.size(), "%lld:%02d:%02d",
                                                   static_cast<long long>(seconds / 3'600),
                                                   static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace quicket::cli
