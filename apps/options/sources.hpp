#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/options/environment.hpp"
#include "apps/options/exit.hpp"
#include "apps/options/option_table.hpp"

namespace quicket::apps {

// Given is what one source says: option names to values; a switch has "true" or "false". The name of a section is
// section_name(), and its values are "KEY=VALUE".
using Given = std::map<std::string, std::vector<std::string>, std::less<>>;

// CommandLine is what was typed.
struct CommandLine {
  std::vector<std::string> words;  // arguments that are no options
  Given options;
};

// parse_command_line takes the arguments without the program's name; options may stand anywhere, "--" ends them.
// Errors: kUsage.
Checked<CommandLine> parse_command_line(const OptionTable& table, const std::vector<std::string>& arguments);

// parse_environment takes what the table's variables say; lists are separated by white space. Errors: kUsage.
Checked<Given> parse_environment(const OptionTable& table, const Environment& environment);

// section_name is what Given calls a section of the configuration file: "[carrier.qr]".
std::string section_name(std::string_view option, std::string_view word);

// parse_config takes lines NAME = VALUE, and behind them sections: a line [NAME.WORD], for options that have such, and
// lines KEY = VALUE of any keys. A section may be empty, and is there once. A '#' at a line's beginning or behind a
// blank begins a comment; elsewhere it is part of the value, as in a relay's URL. Errors: kConfig; `file` and the line
// stand in their messages.
Checked<Given> parse_config(const OptionTable& table, std::string_view text, std::string_view file);

}  // namespace quicket::apps
