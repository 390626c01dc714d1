#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace quicket::cli {

enum class OptionKind {
  kSwitch,  // on or off
  kValue,   // one value
  kList,    // any number of values; the source that comes first (flags, environment, file) replaces the others
  kChain,   // any number of values; those of all sources count, in that order
};

// Option is one row of the table that feeds flags, environment, configuration file and help.
struct Option {
  std::string_view name;          // --NAME, and NAME = ... in the configuration file
  char letter = 0;                // -L; 0: none
  OptionKind kind = OptionKind::kSwitch;
  std::string_view value = {};    // what help calls its value
  std::string_view meaning = {};  // for help
  std::string_view initial = {};  // the default
  bool everywhere = false;        // all commands take it
  bool configurable = true;       // environment and file may set it too
  std::string_view variable = {}; // of the environment; empty: QUICKET_NAME
};

// all_options is that table.
std::span<const Option> all_options() noexcept;
// find_option gives nullptr for an unknown name.
const Option* find_option(std::string_view name) noexcept;
// variable_of gives the name of the environment variable that sets an option.
std::string variable_of(const Option& option);

// Environment is what the process was started with, as a value.
using Environment = std::map<std::string, std::string, std::less<>>;
// read_environment copies NAME=VALUE strings up to a null pointer.
Environment read_environment(const char* const* variables);
// find_variable gives the value; empty when it is not set, or set to nothing.
std::string_view find_variable(const Environment& environment, std::string_view name) noexcept;

}  // namespace quicket::cli
