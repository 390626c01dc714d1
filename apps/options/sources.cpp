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

// describe turns the table into Program_options' terms.
po::options_description describe(const OptionTable& table) {
  po::options_description description;
  for (const Option& option : table.rows()) {
    std::string names(option.name);
    if (option.letter != 0) names.append(",").append(1, option.letter);
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

std::string no_option(const OptionTable& table, std::string_view given, std::string_view dashes) {
  given = given.substr(0, given.find('='));
  const std::string_view name = given.substr(std::min(given.find_first_not_of('-'), given.size()));
  std::string message = "there is no option " + printable(given);
  if (const Option* near = table.nearest(name))
    message.append(". Did you mean ").append(dashes).append(near->name).append("?");
  return message;
}

Problem unknown_option(const OptionTable& table, std::string_view given) {
  return {Exit::kUsage, no_option(table, given, "--")};
}

constexpr std::string_view kBlank = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// without_comment cuts a line at a '#' that begins it or has a blank in front: one within a value belongs to that.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || kBlank.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

// open_section reads a line [NAME.WORD] and gives that section's values.
Checked<std::vector<std::string>*> open_section(const OptionTable& table, std::string_view line,
                                                const std::string& place, Given& given) {
  line.remove_prefix(1);
  const std::size_t dot = line.find('.');
  const Option* option = table.find(line.substr(0, dot));
  if (!line.ends_with(']') || dot == std::string_view::npos || dot + 2 >= line.size() || option == nullptr ||
      !option->sections) {
    return Problem{Exit::kConfig, place + "there is no section [" + printable(line)};
  }
  const auto [section, first] = given.try_emplace("[" + std::string(line));
  if (!first) return Problem{Exit::kConfig, place + "section [" + printable(line) + " is there twice"};
  return &section->second;
}

}  // namespace

std::string section_name(std::string_view option, std::string_view word) {
  return "[" + std::string(option) + "." + std::string(word) + "]";
}

Checked<CommandLine> parse_command_line(const OptionTable& table, const std::vector<std::string>& arguments) {
  constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  CommandLine line;
  const po::options_description description = describe(table);
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

Checked<Given> parse_config(const OptionTable& table, std::string_view text, std::string_view file) {
  Given given;
  std::vector<std::string>* section = nullptr;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::string_view line = trimmed(without_comment(whole));
    if (line.empty()) continue;
    const std::string place = std::string(file) + ", line " + std::to_string(number) + ": ";
    if (line.starts_with('[')) {
      const auto opened = open_section(table, line, place, given);
      if (!opened) return opened.error();
      section = *opened;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Problem{Exit::kConfig, place + "this is not NAME = VALUE"};
    const std::string_view name = trimmed(line.substr(0, equals));
    if (section != nullptr) {
      section->push_back(std::string(name) + "=" + std::string(trimmed(line.substr(equals + 1))));
      continue;
    }
    const Option* option = table.find(name);
    if (option == nullptr) return Problem{Exit::kConfig, place + no_option(table, name, "")};
    if (!option->configurable) {
      return Problem{Exit::kConfig, place + std::string(name) + " counts on the command line only"};
    }
    const auto stored =
        put(given, *option, std::string(trimmed(line.substr(equals + 1))), place + std::string(name), Exit::kConfig);
    if (!stored) return stored.error();
  }
  return given;
}

}  // namespace quicket::apps
