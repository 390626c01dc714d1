#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <quicket/plugin/secret.hpp>

// Signatures as the "Standard Webhooks" specification has them (standardwebhooks.com, version 1.0.0): HMAC-SHA256 over
// ID.TIMESTAMP.BODY, as "v1,BASE64" in the header webhook-signature; several are separated by spaces.
namespace quicket::plugin {

constexpr std::string_view kIdHeader = "webhook-id";
constexpr std::string_view kTimestampHeader = "webhook-timestamp";
constexpr std::string_view kSignatureHeader = "webhook-signature";

// SigningKeys are what both sides know: all sign, and one that fits is enough, so that keys can be changed at leisure.
class SigningKeys {
 public:
  static constexpr std::size_t kMaxKeys = 4;
  static constexpr std::size_t kMinKey = 24, kMaxKey = 256;  // bytes
  static constexpr std::size_t kMaxSignatures = 16;          // looked at in one header

  // Reads a line for each key: "whsec_" and base64, or the key's own bytes. Empty lines are skipped. Throws
  // std::invalid_argument, whose text says which line is wrong, and holds nothing of it.
  explicit SigningKeys(std::string_view lines);

  // sign gives the value of webhook-signature.
  std::string sign(std::string_view id, std::string_view timestamp, std::string_view body) const;
  // verify says whether one of `signatures` is by one of the keys, in a time that tells nothing about them.
  bool verify(std::string_view signatures, std::string_view id, std::string_view timestamp,
              std::string_view body) const;

 private:
  std::vector<Secret> keys_;
};

// parse_timestamp reads Unix seconds: 1 to 12 digits. Nothing when it is anything else.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// new_message_id is one that no other message has: "msg_" and 128 random bits.
std::string new_message_id();

}  // namespace quicket::plugin
