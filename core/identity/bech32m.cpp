#include "core/identity/bech32m.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace quicket {

namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::uint32_t kBech32mResidue = 0x2bc830a3;
constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
constexpr std::size_t kChecksum = 6;  // groups
constexpr unsigned kGroupBits = 5, kByteBits = 8;

// Residue is the BCH checksum over GF(32) of BIP 173, fed group by group.
class Residue {
 public:
  explicit Residue(std::string_view prefix) {
    for (const char c : prefix) add(static_cast<std::uint8_t>(c >> kGroupBits));
    add(0);
    for (const char c : prefix) add(static_cast<std::uint8_t>(c & 31));
  }

  void add(std::uint8_t group) {
    const std::uint32_t top = value_ >> 25;
    value_ = (value_ & 0x1ffffff) << kGroupBits ^ group;
    for (unsigned i = 0; i < kGenerator.size(); ++i) value_ ^= (top >> i & 1) != 0 ? kGenerator[i] : 0;
  }

  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 1;
};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_printable(char c) { return c >= 33 && c <= 126; }

}  // namespace

std::optional<Bech32m> Bech32m::parse(std::string_view text) {
  if (text.size() > kMaxText || !std::ranges::all_of(text, is_printable)) return std::nullopt;
  if (std::ranges::any_of(text, is_upper) && std::ranges::any_of(text, is_lower)) return std::nullopt;
  std::string lower(text);
  for (char& c : lower) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;

  const std::size_t separator = lower.rfind('1');
  if (separator == std::string::npos || separator == 0 || lower.size() - separator - 1 < kChecksum) return std::nullopt;
  Bech32m result;
  result.prefix = lower.substr(0, separator);
  Residue residue(result.prefix);
  for (const char c : std::string_view(lower).substr(separator + 1)) {
    const std::size_t group = kAlphabet.find(c);
    if (group == std::string_view::npos) return std::nullopt;
    result.groups.push_back(static_cast<std::uint8_t>(group));
    residue.add(result.groups.back());
  }
  if (residue.value() != kBech32mResidue) return std::nullopt;
  result.groups.resize(result.groups.size() - kChecksum);
  return result;
}

std::string Bech32m::to_string() const {
  std::string text = prefix + '1';
  Residue residue(prefix);
  for (const std::uint8_t group : groups) {
    BOOST_ASSERT(group < kAlphabet.size());
    text += kAlphabet[group];
    residue.add(group);
  }
  for (std::size_t i = 0; i < kChecksum; ++i) residue.add(0);
  const std::uint32_t checksum = residue.value() ^ kBech32mResidue;
  for (std::size_t i = 0; i < kChecksum; ++i) text += kAlphabet[checksum >> kGroupBits * (kChecksum - 1 - i) & 31];
  BOOST_ASSERT(!prefix.empty() && text.size() <= kMaxText);
  return text;
}

std::vector<std::uint8_t> to_groups(ByteView bytes) {
  std::vector<std::uint8_t> groups;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const std::byte b : bytes) {
    waiting = (waiting << kByteBits | std::to_integer<std::uint32_t>(b)) & 0xfff;
    for (bits += kByteBits; bits >= kGroupBits; bits -= kGroupBits) {
      groups.push_back(static_cast<std::uint8_t>(waiting >> (bits - kGroupBits) & 31));
    }
  }
  if (bits > 0) groups.push_back(static_cast<std::uint8_t>(waiting << (kGroupBits - bits) & 31));
  return groups;
}

std::optional<Bytes> from_groups(const std::vector<std::uint8_t>& groups) {
  Bytes bytes;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const std::uint8_t group : groups) {
    if (group > 31) return std::nullopt;
    waiting = (waiting << kGroupBits | group) & 0xfff;
    bits += kGroupBits;
    if (bits < kByteBits) continue;
    bits -= kByteBits;
    bytes.push_back(std::byte(waiting >> bits));
  }
  const bool padding_is_zero = (waiting & ((1u << bits) - 1)) == 0;
  if (bits >= kGroupBits || !padding_is_zero) return std::nullopt;
  return bytes;
}

}  // namespace quicket
