#include "apps/quicket/help.hpp"

#include <algorithm>

namespace quicket::cli {

namespace {

constexpr std::size_t kCommandColumn = 26, kOptionColumn = 30;

// put_wrapped writes `left` at the margin and `right` beside it, in lines of kHelpWidth.
void put_wrapped(std::string& text, std::string left, std::string_view right, std::size_t column) {
  left.insert(0, 2, ' ');
  if (left.size() + 2 > column) {
    text += left + '\n';
    left.clear();
  }
  left.resize(column, ' ');
  while (!right.empty()) {
    const std::size_t room = kHelpWidth - column;
    std::size_t size = right.size();
    if (size > room) {
      size = right.rfind(' ', room);
      if (size == std::string_view::npos) size = std::min(right.find(' '), right.size());
    }
    text += left + std::string(right.substr(0, size)) + '\n';
    right.remove_prefix(std::min(size + 1, right.size()));
    left.assign(column, ' ');
  }
}

void put_option(std::string& text, const Option& option) {
  std::string left = option.letter == 0 ? "    " : std::string("-") + option.letter + ", ";
  left += "--" + std::string(option.name);
  if (!option.value.empty()) left += " " + std::string(option.value);
  std::string right(option.meaning);
  if (!option.initial.empty()) right += " (default: " + std::string(option.initial) + ")";
  if (option.configurable) right += " [" + variable_of(option) + "]";
  put_wrapped(text, left, right, kOptionColumn);
}

void put_own_options(std::string& text, const Command& command) {
  for (const Option& option : all_options()) {
    const bool its_own = std::ranges::find(command.options, option.name) != command.options.end();
    if (its_own) put_option(text, option);
  }
}

void put_common_options(std::string& text) {
  text += "Everywhere:\n";
  for (const Option& option : all_options()) {
    if (option.everywhere) put_option(text, option);
  }
}

constexpr std::string_view kSources =
    R"(Options count from the command line, then from the variables in brackets, then from lines NAME = VALUE in
$XDG_CONFIG_HOME/quicket/config and /etc/quicket/config. NO_COLOR is honoured.)";

constexpr std::string_view kExits =
    R"(Exit status: 0 done; 64 wrong usage; 65 the offer is not good; 69 not reachable; 70 a defect; 73 cannot create a file; 74 reading
or writing failed; 75 try again later; 77 refused: a key or permission is wrong; 78 wrong configuration; 130, 143 cancelled by a
signal.)";

}  // namespace

std::string overview() {
  std::string text = "Usage: quicket [OPTIONS] COMMAND [ARGUMENTS]\nConnects two devices that cannot reach each other in the usual ways.\n\n";
  for (const Command& command : all_commands()) {
    if (command.hidden) continue;
    std::string left(command.name);
    if (!command.arguments.empty()) left += " " + std::string(command.arguments);
    put_wrapped(text, left, command.summary, kCommandColumn);
  }
  text += "\n";
  put_common_options(text);
  text += "\n" + std::string(kSources) + "\n\n" + std::string(kExits) + "\n\nquicket help COMMAND tells more.";
  return text;
}

std::string help_for(const Command& command) {
  std::string text = "Usage: quicket " + std::string(command.name) + " [OPTIONS]";
  if (!command.arguments.empty()) text += " " + std::string(command.arguments);
  text += "\nTo " + std::string(command.summary) + ".\n";
  if (!command.details.empty()) text += "\n" + std::string(command.details) + "\n";
  text += "\n";
  if (!command.options.empty()) {
    text += "Options:\n";
    put_own_options(text, command);
    text += "\n";
  }
  put_common_options(text);
  text += "\n" + std::string(kSources);
  return text;
}

}  // namespace quicket::cli
