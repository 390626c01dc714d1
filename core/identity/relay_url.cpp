#include <quicket/relay_url.hpp>

#include <quicket/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/encoding.hpp"

namespace quicket {

namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kPinMark = "pin=";
constexpr std::size_t kMaxHost = 253, kMaxLabel = 63;  // characters (RFC 1035)
constexpr std::size_t kMaxUrl = 512;                   // characters: the longest host, a port and kMaxPins pins fit

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_label_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && std::ranges::all_of(label, is_label_character) &&
         label.front() != '-' && label.back() != '-';
}

// is_number tells names from what resolvers take for an IPv4 address: a last label that is a decimal or hexadecimal
// number.
bool is_number(std::string_view label) {
  return std::ranges::all_of(label, is_digit) ||
         (label.starts_with("0x") && std::ranges::all_of(label.substr(2), is_hex_digit));
}

// is_name takes ASCII host names (RFC 1123 section 2.1), international ones in their xn-- form.
bool is_name(std::string_view host) {
  if (host.size() > kMaxHost) return false;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !is_number(label);
    host.remove_prefix(dot + 1);
  }
}

// parse_host gives the canonical form of a name, an IPv4 address, or an IPv6 address in brackets.
std::optional<std::string> parse_host(std::string_view text) {
  if (const auto address = Address::parse(std::string(text) + ":0")) return address->ip_string();
  std::string lower = to_lower(text);
  if (!is_name(lower)) return std::nullopt;
  return lower;
}

// parse_port takes 1 to 65535 without leading zeros.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, port);
  if (failed != std::errc{} || end != last || text.front() == '0') return std::nullopt;
  return port;
}

std::optional<std::vector<RelayPin>> parse_pins(std::string_view fragment) {
  if (!fragment.starts_with(kPinMark)) return std::nullopt;
  fragment.remove_prefix(kPinMark.size());
  std::vector<RelayPin> pins;
  while (true) {
    const std::size_t comma = fragment.find(',');
    RelayPin pin;
    const auto bytes = from_base64url(fragment.substr(0, comma), pin.size());
    if (bytes.has_error() || bytes->size() != pin.size() || pins.size() == RelayUrl::kMaxPins) return std::nullopt;
    std::ranges::copy(*bytes, pin.begin());
    pins.push_back(pin);
    if (comma == std::string_view::npos) return pins;
    fragment.remove_prefix(comma + 1);
  }
}

bool is_v6(std::string_view host) { return host.find(':') != std::string_view::npos; }

std::string bracketed(const std::string& host) { return is_v6(host) ? '[' + host + ']' : host; }

}  // namespace

Result<RelayUrl> RelayUrl::parse(std::string_view text) {
  if (text.size() > kMaxUrl || to_lower(text.substr(0, kScheme.size())) != kScheme) return Errc::kRelayUrlMalformed;
  text.remove_prefix(kScheme.size());
  const std::size_t hash = text.find('#');
  const std::string_view place = text.substr(0, hash);
  const std::size_t colon = place.find(':', place.starts_with('[') ? std::min(place.find(']'), place.size()) : 0);

  RelayUrl url;
  auto host = parse_host(place.substr(0, colon));
  if (!host) return Errc::kRelayUrlMalformed;
  url.host = *std::move(host);
  if (colon != std::string_view::npos) {
    const auto port = parse_port(place.substr(colon + 1));
    if (!port) return Errc::kRelayUrlMalformed;
    url.port = *port;
  }
  if (hash != std::string_view::npos) {
    auto pins = parse_pins(text.substr(hash + 1));
    if (!pins) return Errc::kRelayUrlMalformed;
    url.pins = *std::move(pins);
  }
  return url;
}

std::string RelayUrl::to_string() const {
  std::string text(kScheme);
  text += port == kDefaultPort ? bracketed(host) : authority();
  for (std::size_t i = 0; i < pins.size(); ++i) text.append(i == 0 ? "#pin=" : ",").append(base64url(pins[i]));
  return text;
}

std::string RelayUrl::authority() const { return bracketed(host) + ':' + std::to_string(port); }

}  // namespace quicket
