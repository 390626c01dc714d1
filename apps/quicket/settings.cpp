#include "apps/quicket/settings.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <sstream>

#include "apps/quicket/format.hpp"

namespace quicket::cli {

namespace {

namespace po = boost::program_options;

// describe turns the table into Program_options' terms. `letters`: with the short names, which files do not know.
po::options_description describe(bool letters) {
  po::options_description description;
  for (const Option& option : all_options()) {
    if (!letters && !option.configurable) continue;
    std::string names(option.name);
    if (letters && option.letter != 0) names += std::string(",") + option.letter;
    if (option.kind == OptionKind::kSwitch) {
      description.add_options()(names.c_str(), po::bool_switch());
    } else {
      description.add_options()(names.c_str(), po::value<std::string>());
    }
  }
  return description;
}

std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array kYes{"1", "true", "yes", "on"};
  constexpr std::array kNo{"0", "false", "no", "off", ""};
  if (std::ranges::find(kYes, text) != kYes.end()) return true;
  if (std::ranges::find(kNo, text) != kNo.end()) return false;
  return std::nullopt;
}

// put stores one value. Errors: a second one where one is enough, a switch that is neither on nor off.
CliResult<> put(Given& given, const Option& option, std::string value, std::string_view origin, Exit exit) {
  auto& values = given[std::string(option.name)];
  const bool single = option.kind == OptionKind::kSwitch || option.kind == OptionKind::kValue;
  if (option.kind == OptionKind::kSwitch) {
    const auto on = parse_bool(value);
    if (!on) return Problem{exit, std::string(origin) + ": \"" + value + "\" is neither yes nor no"};
    value = *on ? "true" : "false";
    values.clear();
  }
  if (single && !values.empty()) return Problem{exit, std::string(origin) + " is given twice"};
  values.push_back(std::move(value));
  return {};
}

std::string flag_of(const Option& option) { return "--" + std::string(option.name); }

}  // namespace

CliResult<CommandLine> parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  const po::options_description description = describe(true);
  try {
    constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    for (const auto& parsed : po::command_line_parser(arguments).options(description).style(kStyle).run().options) {
      if (parsed.position_key >= 0) {
        line.words.insert(line.words.end(), parsed.value.begin(), parsed.value.end());
        continue;
      }
      const Option* option = find_option(parsed.string_key);
      if (option == nullptr) return Problem{Exit::kInternal, "option " + parsed.string_key + " is not in the table"};
      const auto stored = put(line.options, *option, parsed.value.empty() ? "true" : parsed.value.front(), flag_of(*option), Exit::kUsage);
      if (!stored) return stored.error();
    }
  } catch (const po::unknown_option& error) {
    const std::string given = error.get_option_name();
    const std::string_view name = std::string_view(given).substr(std::min(given.find_first_not_of('-'), given.size()));
    const auto near = std::ranges::find_if(all_options(), [&](const Option& option) { return distance(option.name, name) <= 2; });
    std::string hint = near == all_options().end() ? "" : ". Did you mean " + flag_of(*near) + "?";
    return usage_problem("there is no option " + escape_controls(given) + hint);
  } catch (const po::error& error) {
    return usage_problem(escape_controls(error.what()));
  }
  return line;
}

CliResult<Given> parse_environment(const Environment& environment) {
  Given given;
  for (const Option& option : all_options()) {
    const std::string variable = variable_of(option);
    const std::string_view value = find_variable(environment, variable);
    if (!option.configurable || value.empty()) continue;
    std::istringstream words{std::string(value)};
    const bool many = option.kind == OptionKind::kList;
    for (std::string word; many && words >> word;) {
      if (const auto stored = put(given, option, word, variable, Exit::kUsage); !stored) return stored.error();
    }
    if (many) continue;
    if (const auto stored = put(given, option, std::string(value), variable, Exit::kUsage); !stored) return stored.error();
  }
  return given;
}

CliResult<Given> parse_config(const std::string& text, std::string_view file) {
  Given given;
  try {
    std::istringstream stream(text);
    for (const auto& parsed : po::parse_config_file(stream, describe(false)).options) {
      const Option* option = find_option(parsed.string_key);
      if (option == nullptr || parsed.value.empty()) return Problem{Exit::kConfig, std::string(file) + ": " + parsed.string_key};
      const auto stored = put(given, *option, parsed.value.front(), std::string(file) + ": " + parsed.string_key, Exit::kConfig);
      if (!stored) return stored.error();
    }
  } catch (const po::error& error) {
    return Problem{Exit::kConfig, std::string(file) + ": " + escape_controls(error.what())};
  }
  return given;
}

void Settings::add(const Given& given, std::string_view origin, Exit exit) {
  for (const auto& [name, values] : given) {
    const auto [entry, first] = entries_.try_emplace(name, Entry{values, std::string(origin), exit});
    const Option* option = find_option(name);
    if (first || option == nullptr || option->kind != OptionKind::kChain) continue;
    entry->second.values.insert(entry->second.values.end(), values.begin(), values.end());
  }
}

bool Settings::is_on(std::string_view name) const { return text(name) == "true"; }

std::optional<std::string> Settings::text(std::string_view name) const {
  const auto values = list(name);
  if (values.empty()) return std::nullopt;
  return values.front();
}

std::vector<std::string> Settings::list(std::string_view name) const {
  if (const auto found = entries_.find(name); found != entries_.end()) return found->second.values;
  const Option* option = find_option(name);
  if (option == nullptr || option->initial.empty()) return {};
  return {std::string(option->initial)};
}

Problem Settings::complain(std::string_view name, std::string_view what) const {
  const auto found = entries_.find(name);
  const std::string origin = found == entries_.end() ? "" : found->second.origin;
  const Exit exit = found == entries_.end() ? Exit::kUsage : found->second.exit;
  return {exit, (origin.empty() ? "--" : origin + ": ") + std::string(name) + ": " + std::string(what)};
}

}  // namespace quicket::cli
