#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/quicket/errors.hpp"
#include "apps/quicket/options.hpp"

namespace quicket::cli {

// Given is what one source says: option names to values; a switch that is on has the value "true".
using Given = std::map<std::string, std::vector<std::string>, std::less<>>;

// CommandLine is what the person typed, not yet judged against a command.
struct CommandLine {
  std::vector<std::string> words;  // the command and its arguments
  Given options;
};

// parse_command_line takes the arguments without the program's name; options may stand anywhere, "--" ends them.
// Errors: kUsage.
CliResult<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

// parse_environment takes what QUICKET_* variables say; lists are separated by white space. Errors: kUsage.
CliResult<Given> parse_environment(const Environment& environment);

// parse_config takes lines NAME = VALUE, with '#' for comments. Errors: kConfig; `file` is for their messages.
CliResult<Given> parse_config(const std::string& text, std::string_view file);

// Settings are the options in force: flags before environment before the user's file before the system's file before defaults.
class Settings {
 public:
  Settings() = default;

  // add puts a source behind those added before. `origin` names it in messages; `exit` is how to end when a value is wrong.
  void add(const Given& given, std::string_view origin, Exit exit);

  bool is_on(std::string_view name) const;
  // text gives the value or its default; nothing when there is neither.
  std::optional<std::string> text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  // is_given: by any source.
  bool is_given(std::string_view name) const { return entries_.contains(name); }

  // complain says that a value of this option is wrong, and where it was given.
  Problem complain(std::string_view name, std::string_view what) const;

 private:
  struct Entry {
    std::vector<std::string> values;
    std::string origin;
    Exit exit = Exit::kUsage;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace quicket::cli
