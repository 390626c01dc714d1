#include "apps/quicket/options.hpp"

#include <algorithm>
#include <array>

namespace quicket::cli {

namespace {

constexpr std::array kOptions{
    Option{.name = "help", .letter = 'h', .meaning = "tell what a command does", .everywhere = true, .configurable = false},
    Option{.name = "version", .meaning = "tell the version", .everywhere = true, .configurable = false},
    Option{.name = "quiet", .letter = 'q', .meaning = "tell nothing but errors", .everywhere = true},
    Option{.name = "json", .meaning = "make every line, and every result, one JSON object", .everywhere = true},
    Option{.name = "no-progress", .meaning = "no line that moves", .everywhere = true},
    Option{.name = "identity",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "the file with this device's key; made when missing (default: $XDG_DATA_HOME/quicket/identity)"},
    Option{.name = "carrier",
           .letter = 'c',
           .kind = OptionKind::kList,
           .value = "NAME[:KEY=VALUE,...]",
           .meaning = "what the offer travels by, several times for several at once; \"quicket carriers\" lists what there is",
           .initial = "stdio"},
    Option{.name = "carrier-path",
           .kind = OptionKind::kChain,
           .value = "FOLDER[:FOLDER...]",
           .meaning = "where to look for carriers first",
           .variable = "QUICKET_PLUGIN_PATH"},
    Option{.name = "relay",
           .letter = 'r',
           .kind = OptionKind::kList,
           .value = "URL",
           .meaning = "use this relay instead of those of \"quicket relay\"; several times for several"},
    Option{.name = "patience",
           .letter = 'p',
           .kind = OptionKind::kValue,
           .value = "DURATION",
           .meaning = "how long the offer is valid and waited for, like 90s or 1h30min",
           .initial = "15min"},
    Option{.name = "protocol",
           .kind = OptionKind::kList,
           .value = "NAME",
           .meaning = "what is spoken over the connection; both sides need one in common",
           .initial = "pipe"},
    Option{.name = "unsealed",
           .meaning = "do not seal the offer: whoever carries it sees who calls from where, and can take the answer's place or end the dial",
           .configurable = false},
    Option{.name = "send-only", .meaning = "take nothing from the peer; standard output stays free", .configurable = false},
    Option{.name = "receive-only", .meaning = "send nothing to the peer; standard input stays unread", .configurable = false},
    Option{.name = "keep-open", .letter = 'k', .meaning = "go on accepting, one peer after another", .configurable = false},
    Option{.name = "allow-unsealed", .meaning = "take offers that are not sealed too"},
    Option{.name = "allow-private-relays", .meaning = "follow offers to relays at private addresses that are not among the own ones"},
};

}  // namespace

std::span<const Option> all_options() noexcept { return kOptions; }

const Option* find_option(std::string_view name) noexcept {
  const auto found = std::ranges::find(kOptions, name, &Option::name);
  return found == kOptions.end() ? nullptr : found;
}

std::string variable_of(const Option& option) {
  if (!option.variable.empty()) return std::string(option.variable);
  std::string name = "QUICKET_" + std::string(option.name);
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

Environment read_environment(const char* const* variables) {
  Environment environment;
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    const std::string_view entry(*variables);
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) environment.try_emplace(std::string(entry.substr(0, equals)), entry.substr(equals + 1));
  }
  return environment;
}

std::string_view find_variable(const Environment& environment, std::string_view name) noexcept {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace quicket::cli
