#include "core/identity/key_file.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/wiped.hpp"

namespace quicket {

namespace {
constexpr std::string_view kMagic = "quicket-key-1 ";
}  // namespace

std::string key_file_text(const Identity::Seed& seed) {
  std::string encoded = base64(seed);
  const Wiped wiped(encoded);
  std::string text;
  text.reserve(kMagic.size() + encoded.size() + 1);  // so that no growing leaves a copy behind
  text.append(kMagic).append(encoded).append("\n");
  return text;
}

Result<Identity> parse_key_file(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!text.starts_with(kMagic)) return Errc::kKeyFileMalformed;
  auto decoded = from_base64(text.substr(kMagic.size()), std::tuple_size_v<Identity::Seed>);
  if (decoded.has_error()) return Errc::kKeyFileMalformed;
  const Wiped wiped_bytes(*decoded);
  Identity::Seed seed;
  if (decoded->size() != seed.size()) return Errc::kKeyFileMalformed;
  const Wiped wiped_seed(seed);
  std::ranges::copy(*decoded, seed.begin());
  return Identity::from_seed(seed);
}

}  // namespace quicket
