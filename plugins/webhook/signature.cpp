#include "plugins/webhook/signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace quicket::plugin {

namespace {

constexpr std::string_view kVersion = "v1,";
constexpr std::string_view kKeyPrefix = "whsec_";

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends it with a zero
  text.resize(static_cast<std::size_t>(
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
  return text;
}

// signature gives "v1,BASE64".
std::string signature(std::string_view key, std::string_view signed_text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  const auto* const done = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), octets_of(signed_text),
                                  signed_text.size(), digest.data(), &size);
  if (done == nullptr) throw Failed("HMAC-SHA256 is not to be had");
  return std::string(kVersion) + base64(digest.data(), size);
}

std::string signed_text(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string text;
  text.reserve(id.size() + timestamp.size() + body.size() + 2);
  return text.append(id).append(".").append(timestamp).append(".").append(body);
}

// key_of reads one line. Nothing when it is not base64.
std::optional<Secret> key_of(std::string_view line) {
  if (!line.starts_with(kKeyPrefix)) return Secret(line);
  line.remove_prefix(kKeyPrefix.size());
  std::string bytes(line.size(), '\0');
  const int size =
      ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets_of(line), static_cast<int>(line.size()));
  const auto padding = line.ends_with("==") ? 2 : line.ends_with('=') ? 1 : 0;
  std::optional<Secret> key;
  if (size > padding) key.emplace(std::string_view(bytes).substr(0, static_cast<std::size_t>(size - padding)));
  ::OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

}  // namespace

SigningKeys::SigningKeys(std::string_view lines) {
  for (std::size_t number = 1; !lines.empty(); ++number) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto key = key_of(line);
    const std::string where = "line " + std::to_string(number);
    if (!key) throw std::invalid_argument(where + " is not whsec_ and base64");
    if (key->text().size() < kMinKey || key->text().size() > kMaxKey) {
      throw std::invalid_argument(where + " is no key of " + std::to_string(kMinKey) + " to " +
                                  std::to_string(kMaxKey) + " bytes");
    }
    if (keys_.size() == kMaxKeys) throw std::invalid_argument("it holds more than 4 keys");
    keys_.push_back(*std::move(key));
  }
  if (keys_.empty()) throw std::invalid_argument("it holds no key");
}

std::string SigningKeys::sign(std::string_view id, std::string_view timestamp, std::string_view body) const {
  const std::string text = signed_text(id, timestamp, body);
  std::string signatures;
  for (const Secret& key : keys_) signatures.append(signatures.empty() ? "" : " ").append(signature(key.text(), text));
  return signatures;
}

bool SigningKeys::verify(std::string_view signatures, std::string_view id, std::string_view timestamp,
                         std::string_view body) const {
  const std::string text = signed_text(id, timestamp, body);
  std::vector<std::string> expected;
  for (const Secret& key : keys_) expected.push_back(signature(key.text(), text));
  bool fits = false;
  for (std::size_t count = 0; !signatures.empty() && count < kMaxSignatures; ++count) {
    const std::string_view one = signatures.substr(0, signatures.find(' '));
    signatures.remove_prefix(std::min(one.size() + 1, signatures.size()));
    for (const std::string& good : expected) {
      if (one.size() == good.size() && ::CRYPTO_memcmp(one.data(), good.data(), good.size()) == 0) fits = true;
    }
  }
  return fits;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::size_t kMaxDigits = 12;
  std::int64_t seconds = 0;
  const bool digits = !text.empty() && text.size() <= kMaxDigits &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

std::string new_message_id() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, 16> random;
  if (::RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) throw Failed("no random bytes are to be had");
  std::string id = "msg_";
  for (const unsigned char octet : random) id += {kHex[octet >> 4], kHex[octet & 15]};
  return id;
}

}  // namespace quicket::plugin
