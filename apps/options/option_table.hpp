#pragma once

#include <span>
#include <string>
#include <string_view>

namespace quicket::apps {

enum class OptionKind {
  kSwitch,  // on or off
  kValue,   // one value
  kList,    // any number of values; the source that comes first replaces the others
  kChain,   // any number of values; those of all sources count, one behind another
};

// Option is one row of the table that feeds flags, environment, configuration file and help.
struct Option {
  std::string_view name;  // --NAME, and NAME = ... in the configuration file
  char letter = 0;        // -L; 0: none
  OptionKind kind = OptionKind::kSwitch;
  std::string_view value = {};     // what help calls its value
  std::string_view meaning = {};   // for help
  std::string_view initial = {};   // the default; empty: none
  bool configurable = true;        // environment and file may set it too
  bool everywhere = false;         // for programs with commands: all of them take it
  std::string_view variable = {};  // of the environment; empty: after the prefix and the name
  bool sections = false;           // the configuration file may have sections [NAME.WORD], of any settings
};

// OptionTable is all options of one program. It borrows its rows and its prefix.
class OptionTable {
 public:
  // `prefix` begins the names of environment variables, such as "QUICKET_".
  constexpr OptionTable(std::span<const Option> rows, std::string_view prefix) : rows_(rows), prefix_(prefix) {}

  std::span<const Option> rows() const noexcept { return rows_; }
  // find gives nullptr for an unknown name.
  const Option* find(std::string_view name) const noexcept;
  // nearest is the option whose name is a slip of the finger away from `name`; nullptr when there is none.
  const Option* nearest(std::string_view name) const;
  // variable_of is the environment variable that sets an option.
  std::string variable_of(const Option& option) const;

  // help describes each option, at most `width` columns wide. describe does so for one of them; `with_variable`: and
  // names its environment variable.
  std::string help(std::size_t width = 100) const;
  std::string describe(const Option& option, std::size_t width, bool with_variable) const;

 private:
  std::span<const Option> rows_;
  std::string_view prefix_;
};

}  // namespace quicket::apps
