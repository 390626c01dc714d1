#include "apps/options/option_table.hpp"

#include <algorithm>

#include "apps/options/text.hpp"

namespace quicket::apps {

namespace {

constexpr std::size_t kMaxSlip = 2;      // letters
constexpr std::size_t kWidestFlag = 30;  // columns; longer ones get a line of their own

std::string flag_of(const Option& option) {
  std::string flag = option.letter == 0 ? "    " : std::string("-") + option.letter + ", ";
  flag.append("--").append(option.name);
  if (!option.value.empty()) flag.append(" ").append(option.value);
  return flag;
}

// wrap appends `text` to a line that is `indent` columns long, and goes on with as many blanks.
void wrap(std::string& help, std::string_view text, std::size_t indent, std::size_t width) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      help.append("\n").append(indent, ' ');
      column = indent;
    }
    if (column > indent) help.append(" ");
    column += word.size() + (column > indent ? 1 : 0);
    help.append(word);
  }
  help.append("\n");
}

}  // namespace

const Option* OptionTable::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(rows_, name, &Option::name);
  return found == rows_.end() ? nullptr : &*found;
}

const Option* OptionTable::nearest(std::string_view name) const {
  constexpr std::size_t kLongest = 64;
  if (name.size() > kLongest) return nullptr;
  const auto best =
      std::ranges::min_element(rows_, {}, [&](const Option& option) { return distance(option.name, name); });
  return best == rows_.end() || distance(best->name, name) > kMaxSlip ? nullptr : &*best;
}

std::string OptionTable::variable_of(const Option& option) const {
  if (!option.variable.empty()) return std::string(option.variable);
  std::string name = std::string(prefix_) + std::string(option.name);
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string OptionTable::help(std::size_t width) const {
  std::string text;
  for (const Option& option : rows_) text.append(describe(option, width, false));
  return text;
}

std::string OptionTable::describe(const Option& option, std::size_t width, bool with_variable) const {
  constexpr std::size_t kColumn = kWidestFlag + 4;
  std::string text = "  " + flag_of(option);
  if (text.size() + 2 > kColumn) {
    text.append("\n").append(kColumn, ' ');
  } else {
    text.resize(kColumn, ' ');
  }
  std::string meaning(option.meaning);
  if (!option.initial.empty()) meaning.append(" (default: ").append(option.initial).append(")");
  if (with_variable && option.configurable) meaning.append(" [").append(variable_of(option)).append("]");
  wrap(text, meaning, kColumn, width);
  return text;
}

}  // namespace quicket::apps
