// What an operator or a user writes: the relay's configuration file, its command line, the list of relays, a carrier
// with its options. Input: which of them, then the text. What is refused is explained in printable text; what is
// accepted stays within bounds and prints back where it can be printed.
#include "apps/quicket-relay/config.hpp"
#include "apps/quicket-relay/options.hpp"
#include "apps/quicket/relay_list.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <quicket/carrier_spec.hpp>

namespace quicket {
namespace {

const apps::Environment& environment() {
  static const apps::Environment variables{{"HOME", "/srv/somebody"}};
  return variables;
}

void check_text(const std::string& text) {
  FUZZ_CHECK(!text.empty() && text.size() < 16'384);
  FUZZ_CHECK(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }));
}

void check_settings(const apps::Given& given, std::string_view origin, apps::Exit exit) {
  apps::Settings settings(relayd::option_table());
  settings.add(given, origin, exit);
  const auto config = relayd::read_config(settings, environment(), false, false);
  if (!config) return check_text(config.error().message);
  const relay::Limits& limits = config->limits;
  FUZZ_CHECK(!config->listen.empty() && !config->state.empty());
  FUZZ_CHECK(limits.window > 0 && limits.registrations > 0 && limits.registrations_per_address > 0);
  FUZZ_CHECK(limits.ids_per_address > 0 && limits.ids_per_address <= limits.ids);
  FUZZ_CHECK(limits.quiet_lease > Duration::zero() && limits.quiet_lease <= limits.absolute_lease);
}

void check_file(const std::string& text) {
  const auto given = apps::parse_config(relayd::option_table(), text, "relay.conf");
  if (!given) return check_text(given.error().message);
  check_settings(*given, "relay.conf", apps::Exit::kConfig);
}

void check_command_line(std::string_view text) {
  std::vector<std::string> words;
  for (; !text.empty(); text.remove_prefix(std::min(words.back().size() + 1, text.size())))
    words.emplace_back(text.substr(0, text.find('\n')));
  const auto line = apps::parse_command_line(relayd::option_table(), words);
  if (!line) return check_text(line.error().message);
  check_settings(line->options, "", apps::Exit::kUsage);
}

void check_relays(std::string_view text) {
  auto list = cli::RelayList::parse(text, "relays");
  if (!list) return check_text(list.error().message);
  const auto urls = list->urls();
  FUZZ_CHECK(urls.size() <= cli::RelayList::kMaxRelays);
  const auto again = cli::RelayList::parse(list->to_text(), "relays");
  FUZZ_CHECK(again && again->urls() == urls && again->to_text() == list->to_text());
  for (const RelayUrl& url : urls) {
    list->remove(url.to_string());
    FUZZ_CHECK(list->add(url).has_value() && std::ranges::count(list->urls(), url) == 1);
  }
}

std::string print(const CarrierSpec& spec) {
  std::string text = spec.name;
  for (char before = ':'; const auto& [key, value] : spec.options) {
    text.append(1, std::exchange(before, ',')).append(key).append("=");
    for (const char c : value) text.append(c == ',' || c == '\\' ? "\\" : "").append(1, c);
  }
  return text;
}

void check_carrier(std::string_view text) {
  const auto spec = parse_carrier_spec(text);
  if (!spec) return check_text(spec.error().message() + ".");
  FUZZ_CHECK(!spec->name.empty() && spec->options.size() <= CarrierSpec::kMaxOptions);
  const std::string printed = print(*spec);
  if (printed.size() > CarrierSpec::kMaxText) return;  // more escapes than the user wrote
  const auto again = parse_carrier_spec(printed);
  FUZZ_CHECK(again && again->name == spec->name && again->options == spec->options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = as_text(byte_view(data + 1, size - 1));
  switch (data[0]) {
    case 'f':
      check_file(std::string(text));
      break;
    case 'l':
      check_command_line(text);
      break;
    case 'r':
      check_relays(text);
      break;
    default:
      check_carrier(text);
  }
  return 0;
}

}  // namespace quicket
