#include <quicket/carrier_spec.hpp>

#include <algorithm>

namespace quicket {

namespace {

constexpr std::size_t kMaxKey = 32;

Failure bad(std::string detail) { return {make_error_code(Errc::kCarrierOption), std::move(detail)}; }

bool is_word(std::string_view text, bool underscore) {
  return !text.empty() && text.size() <= kMaxKey && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (underscore && c == '_');
  });
}

// next_option takes one "key=value" off the front of `text`, its escapes undone.
std::string next_option(std::string_view& text) {
  std::string option;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != ','; ++at) {
    const bool escape = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == ',' || text[at + 1] == '\\');
    if (escape) ++at;
    option += text[at];
  }
  text.remove_prefix(at);
  return option;
}

}  // namespace

Outcome<CarrierSpec> parse_carrier_spec(std::string_view text) {
  if (text.size() > CarrierSpec::kMaxText) return bad("the carrier's options are longer than 4096 bytes");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return bad("the carrier's options hold a control character");
  }
  const std::size_t colon = text.find(':');
  CarrierSpec spec{.name = std::string(text.substr(0, colon))};
  const bool path = spec.name.find('/') != std::string::npos;
  if (!path && !is_word(spec.name, false)) return bad("\"" + spec.name + "\" is no name of a carrier (a-z 0-9 -)");
  if (colon == std::string_view::npos) return spec;

  for (std::string_view rest = text.substr(colon + 1);; rest.remove_prefix(1)) {
    const std::string option = next_option(rest);
    const std::size_t equals = option.find('=');
    const std::string key = option.substr(0, equals);
    if (equals == std::string::npos || !is_word(key, true)) {
      return bad("carrier " + spec.name + ": \"" + option + "\" is not KEY=VALUE");
    }
    if (spec.options.size() == CarrierSpec::kMaxOptions) return bad("carrier " + spec.name + ": more than 32 options");
    if (!spec.options.emplace(key, option.substr(equals + 1)).second) {
      return bad("carrier " + spec.name + ": option \"" + key + "\" is given twice");
    }
    if (rest.empty()) return spec;
  }
}

}  // namespace quicket
