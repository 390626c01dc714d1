#include "core/offer/digits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace quicket {

namespace {

constexpr std::size_t kChunk = 7;
constexpr std::array<std::size_t, kChunk + 1> kDigitsOf{0, 3, 5, 8, 10, 13, 15, 17};  // by bytes

}  // namespace

std::string to_digits(ByteView bytes) {
  std::string text;
  while (!bytes.empty()) {
    const ByteView chunk = bytes.first(std::min(kChunk, bytes.size()));
    bytes = bytes.subspan(chunk.size());
    std::uint64_t value = 0;
    for (std::size_t i = chunk.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(chunk[i]);
    const std::string digits = std::to_string(value);
    text.append(kDigitsOf[chunk.size()] - digits.size(), '0');
    text += digits;
  }
  return text;
}

Result<Bytes> from_digits(std::string_view text, std::size_t max_bytes) {
  Bytes bytes;
  while (!text.empty()) {
    const std::size_t digits = std::min(kDigitsOf[kChunk], text.size());
    const auto size = static_cast<std::size_t>(std::ranges::find(kDigitsOf, digits) - kDigitsOf.begin());
    if (size > kChunk) return Errc::kOfferMalformed;  // no number of bytes gives so many digits
    if (max_bytes - bytes.size() < size) return Errc::kOfferTooLarge;

    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + digits, value);
    if (failed != std::errc{} || end != text.data() + digits || value >> (8 * size) != 0) return Errc::kOfferMalformed;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(std::byte(static_cast<std::uint8_t>(value >> (8 * i))));
    text.remove_prefix(digits);
  }
  return bytes;
}

}  // namespace quicket
