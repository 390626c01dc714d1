#pragma once

#include <quicket/bytes.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

// Bech32m is BIP 350's text form of a prefix and 5-bit groups, with a checksum that notices any four mistyped letters.
struct Bech32m {
  static constexpr std::size_t kMaxText = 90;  // characters

  std::string prefix;                // 1 to 83 of ASCII 33..126, lower case
  std::vector<std::uint8_t> groups;  // each below 32

  // parse reads either case, but not both mixed. nullopt: this is no Bech32m.
  static std::optional<Bech32m> parse(std::string_view text);
  // to_string writes lower case. The caller keeps prefix and groups within their bounds, and the text within kMaxText.
  std::string to_string() const;

  friend bool operator==(const Bech32m&, const Bech32m&) = default;
};

// to_groups cuts bytes into 5-bit groups, the last one padded with zeros.
std::vector<std::uint8_t> to_groups(ByteView bytes);

// from_groups is its inverse; nullopt when the padding is not what to_groups writes.
std::optional<Bytes> from_groups(const std::vector<std::uint8_t>& groups);

}  // namespace quicket
