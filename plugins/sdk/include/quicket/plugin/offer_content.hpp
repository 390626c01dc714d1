#pragma once

#include <optional>
#include <string_view>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

// looks_like_offer: an offer's bytes begin with its version, 1, and its kind, 0 to 2 (docs/protocol.md "The offer"), as
// no text does.
inline bool looks_like_offer(OctetView content) {
  constexpr std::size_t kMaxOffer = 65'536;  // bytes
  return content.size() >= 2 && content.size() <= kMaxOffer && content[0] == 1 && content[1] <= 2;
}

// offer_of_content finds the offer in a whole message or file: its bytes as they are, or any text form, behind a byte
// order mark or not. Whether it is a good one is for the host to say. Nothing when there is none.
inline std::optional<Octets> offer_of_content(OctetView content, const Host& host) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (looks_like_offer(content)) return Octets(content.begin(), content.end());
  std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return host.from_text(text);
}

}  // namespace quicket::plugin
