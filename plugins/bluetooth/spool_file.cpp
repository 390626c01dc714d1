#include "plugins/bluetooth/spool_file.hpp"

#include <algorithm>
#include <array>

#include <quicket/plugin/offer_content.hpp>

namespace quicket::plugin {

namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr std::string_view kScheme = "quicket:";
constexpr std::array<std::string_view, 2> kNames{".qkt", ".txt"};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same(std::string_view text, std::string_view in_lower_case) {
  return std::ranges::equal(text, in_lower_case, {}, lower);
}

}  // namespace

bool is_spool_file_name(std::string_view name) {
  return std::ranges::any_of(kNames, [name](std::string_view end) {
    return name.size() > end.size() && name.front() != '.' && same(name.substr(name.size() - end.size()), end);
  });
}

std::optional<Octets> offer_of_file(OctetView content, const Host& host) {
  if (auto offer = offer_of_content(content, host)) return offer;
  std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(kSpace));
    text.remove_prefix(word.size());
    if (!same(word.substr(0, kScheme.size()), kScheme)) continue;
    if (auto offer = host.from_text(word)) return offer;
  }
  return std::nullopt;
}

}  // namespace quicket::plugin
