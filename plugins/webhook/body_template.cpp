#include "plugins/webhook/body_template.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace quicket::plugin {

namespace {

struct Placeholder {
  std::string_view name;
  std::string_view BodyValues::*value;
};
constexpr std::array kPlaceholders{
    Placeholder{"offer_json", &BodyValues::offer_json},     Placeholder{"offer_uri", &BodyValues::offer_uri},
    Placeholder{"offer_b64url", &BodyValues::offer_b64url}, Placeholder{"recipient", &BodyValues::recipient},
    Placeholder{"message_id", &BodyValues::message_id},     Placeholder{"timestamp", &BodyValues::timestamp}};

constexpr std::string_view kOpen = "{{", kClose = "}}";

std::string known_names() {
  std::string names;
  for (const Placeholder& one : kPlaceholders) {
    names.append(names.empty() ? "" : ", ").append(kOpen).append(one.name).append(kClose);
  }
  return names;
}

}  // namespace

BodyTemplate::BodyTemplate(std::string_view text) {
  for (;;) {
    const std::size_t open = text.find(kOpen);
    parts_.push_back({std::string(text.substr(0, open)), nullptr});
    if (open == std::string_view::npos) return;
    text.remove_prefix(open + kOpen.size());
    const std::string_view name = text.substr(0, text.find(kClose));
    const auto found = std::ranges::find(kPlaceholders, name, &Placeholder::name);
    if (name.size() == text.size() || found == kPlaceholders.end()) {
      throw std::invalid_argument("it holds \"{{\" where none of these follows: " + known_names());
    }
    parts_.back().value = found->value;
    text.remove_prefix(name.size() + kClose.size());
  }
}

std::string BodyTemplate::render(const BodyValues& values) const {
  std::string body;
  for (const Part& part : parts_) {
    body += part.text;
    if (part.value == nullptr) continue;
    const std::string_view value = values.*part.value;
    body += part.value == &BodyValues::offer_json ? std::string(value) : json_escaped(value);
  }
  return body;
}

std::string json_escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped += {'\\', c};
    } else if (octet < 0x20) {
      escaped += {'\\', 'u', '0', '0', kHex[octet >> 4], kHex[octet & 15]};
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace quicket::plugin
