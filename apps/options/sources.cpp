#include "apps/options/sources.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <sstream>

#include "apps/options/text.hpp"

namespace quicket::apps {

namespace {

namespace po = boost::program_options;

// describe turns the table into Program_options' terms. `flags`: for a command line, with the short names.
po::options_description describe(const OptionTable& table, bool flags) {
  po::options_description description;
  for (const Option& option : table.rows()) {
    if (!flags && !option.configurable) continue;
    std::string names(option.name);
    if (flags && option.letter != 0) names.append(",").append(1, option.letter);
    if (option.kind == OptionKind::kSwitch) {
      description.add_options()(names.c_str(), po::bool_switch());
    } else {
      description.add_options()(names.c_str(), po::value<std::string>());
    }
  }
  return description;
}

std::optional<bool> parse_switch(std::string_view text) {
  constexpr std::array kYes{"1", "true", "yes", "on"}, kNo{"0", "false", "no", "off"};
  if (std::ranges::find(kYes, text) != kYes.end()) return true;
  if (std::ranges::find(kNo, text) != kNo.end()) return false;
  return std::nullopt;
}

// put stores one value. `origin` names the option as its source does.
Checked<> put(Given& given, const Option& option, std::string value, const std::string& origin, Exit exit) {
  auto& values = given[std::string(option.name)];
  if (option.kind == OptionKind::kSwitch) {
    const auto on = parse_switch(value);
    if (!on) return Problem{exit, origin + ": \"" + printable(value) + "\" is neither yes nor no"};
    value = *on ? "true" : "false";
  } else if (value.empty()) {
    return Problem{exit, origin + ": its value is empty"};
  }
  const bool many = option.kind == OptionKind::kList || option.kind == OptionKind::kChain;
  if (!many && !values.empty()) return Problem{exit, origin + " is given twice"};
  values.push_back(std::move(value));
  return {};
}

Problem unknown_option(const OptionTable& table, const std::string& given) {
  const std::string name = given.substr(std::min(given.find_first_not_of('-'), given.size()));
  std::string message = "there is no option " + printable(given);
  if (const Option* near = table.nearest(name)) message.append(". Did you mean --").append(near->name).append("?");
  return {Exit::kUsage, std::move(message)};
}

}  // namespace

Checked<CommandLine> parse_command_line(const OptionTable& table, const std::vector<std::string>& arguments) {
  constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  CommandLine line;
  const po::options_description description = describe(table, true);
  try {
    for (const auto& parsed : po::command_line_parser(arguments).options(description).style(kStyle).run().options) {
      if (parsed.position_key >= 0) {
        line.words.insert(line.words.end(), parsed.value.begin(), parsed.value.end());
        continue;
      }
      const Option* option = table.find(parsed.string_key);
      if (option == nullptr) return unknown_option(table, parsed.string_key);
      const std::string value = option->kind == OptionKind::kSwitch ? "true"
                                : parsed.value.empty()              ? ""
                                                                    : parsed.value.front();
      if (const auto stored = put(line.options, *option, value, "--" + parsed.string_key, Exit::kUsage); !stored) {
        return stored.error();
      }
    }
  } catch (const po::unknown_option& error) {
    return unknown_option(table, error.get_option_name());
  } catch (const po::error& error) {
    return Problem{Exit::kUsage, printable(error.what())};
  }
  return line;
}

Checked<Given> parse_environment(const OptionTable& table, const Environment& environment) {
  Given given;
  for (const Option& option : table.rows()) {
    const std::string variable = table.variable_of(option);
    const std::string value(find_variable(environment, variable));
    if (!option.configurable || value.empty()) continue;
    std::vector<std::string> values{value};
    if (option.kind == OptionKind::kList) {
      std::istringstream words(value);
      values.assign(std::istream_iterator<std::string>(words), {});
    }
    for (std::string& one : values) {
      if (const auto stored = put(given, option, std::move(one), variable, Exit::kUsage); !stored)
        return stored.error();
    }
  }
  return given;
}

Checked<Given> parse_config(const OptionTable& table, const std::string& text, std::string_view file) {
  Given given;
  const std::string in_file = std::string(file) + ": ";
  try {
    std::istringstream lines(text);
    const po::options_description description = describe(table, false);
    for (const auto& parsed : po::parse_config_file(lines, description).options) {
      const Option* option = table.find(parsed.string_key);
      if (option == nullptr || parsed.value.empty())
        return Problem{Exit::kConfig, in_file + printable(parsed.string_key)};
      const auto stored = put(given, *option, parsed.value.front(), in_file + parsed.string_key, Exit::kConfig);
      if (!stored) return stored.error();
    }
  } catch (const po::error& error) {
    return Problem{Exit::kConfig, in_file + printable(error.what())};
  }
  return given;
}

}  // namespace quicket::apps
