#include "apps/options/option_table.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace quicket::apps {

namespace {

constexpr std::size_t kMaxSlip = 2;      // letters
constexpr std::size_t kWidestFlag = 30;  // columns; longer ones get a line of their own

// distance counts the letters to change, drop or add to get from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
    }
    last.swap(row);
  }
  return last.back();
}

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
  std::string name = std::string(prefix_) + std::string(option.name);
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string OptionTable::help(std::size_t width) const {
  std::string text;
  for (const Option& option : rows_) {
    std::string line = "  " + flag_of(option);
    const std::size_t column = kWidestFlag + 4;
    if (line.size() + 2 > column) {
      text.append(line).append("\n");
      line.clear();
    }
    line.resize(column, ' ');
    text.append(line);
    std::string meaning(option.meaning);
    if (!option.initial.empty()) meaning.append(" (default: ").append(option.initial).append(")");
    wrap(text, meaning, column, width);
  }
  return text;
}

}  // namespace quicket::apps
