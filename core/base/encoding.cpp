#include "core/base/encoding.hpp"

#include <sodium.h>

#include <algorithm>

namespace quicket {

namespace {

constexpr int kPadded = sodium_base64_VARIANT_ORIGINAL;
constexpr int kUrl = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

error_code invalid() { return make_error_code(boost::system::errc::invalid_argument); }

// is_ascii: libsodium 1.0.18 takes some characters with the top bit set for digits.
bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string encode(ByteView bytes, int variant) {
  if (bytes.empty()) return {};
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');  // with room for the terminator
  sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), variant);
  text.resize(text.size() - 1);
  return text;
}

// decode reads `text`, of whose characters the first `digits` are no padding.
Result<Bytes> decode(std::string_view text, std::size_t digits, std::size_t max_bytes, int variant) {
  const std::size_t size = digits / 4 * 3 + digits % 4 * 3 / 4;
  if (size > max_bytes) return Errc::kTooLarge;
  if (text.empty()) return Bytes();  // libsodium takes no null pointers
  if (size == 0 || !is_ascii(text)) return invalid();
  Bytes bytes(size);
  std::size_t written = 0;
  const int failed = sodium_base642bin(octets(MutableByteView(bytes)), bytes.size(), text.data(), text.size(), nullptr,
                                       &written, nullptr, variant);
  if (failed != 0 || written != size) return invalid();
  return bytes;
}

}  // namespace

std::string base64(ByteView bytes) { return encode(bytes, kPadded); }

std::string base64url(ByteView bytes) { return encode(bytes, kUrl); }

std::string hex(ByteView bytes) {
  if (bytes.empty()) return {};
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), octets(bytes), bytes.size());
  text.pop_back();
  return text;
}

Result<Bytes> from_base64(std::string_view text, std::size_t max_bytes) {
  if (text.size() % 4 != 0) return invalid();
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  return decode(text, digits, max_bytes, kPadded);
}

Result<Bytes> from_base64url(std::string_view text, std::size_t max_bytes) {
  return decode(text, text.size(), max_bytes, kUrl);
}

}  // namespace quicket
