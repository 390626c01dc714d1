#include "apps/quicket/help.hpp"

#include <algorithm>

#include "apps/quicket/options.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kCommandColumn = 26;

std::string own_options(const Command& command) {
  std::string text;
  for (const apps::Option& option : option_table().rows()) {
    const bool its_own = std::ranges::find(command.options, option.name) != command.options.end();
    if (its_own) text += option_table().describe(option, kHelpWidth, true);
  }
  return text;
}

std::string common_options() {
  std::string text = "Everywhere:\n";
  for (const apps::Option& option : option_table().rows()) {
    if (option.everywhere) text += option_table().describe(option, kHelpWidth, true);
  }
  return text;
}

constexpr std::string_view kSources =
    R"(Options count from the command line, then from the variables in brackets, then from lines NAME = VALUE in
$XDG_CONFIG_HOME/quicket/config and /etc/quicket/config. NO_COLOR is honoured.)";

constexpr std::string_view kExits =
    R"(Exit status: 0 done; 64 wrong usage; 65 the offer is not good; 69 not reachable; 70 a defect; 73 cannot create a file; 74 reading
or writing failed; 75 try again later; 77 refused: a key or permission is wrong; 78 wrong configuration; 129, 130, 143 cancelled by
a signal.)";

}  // namespace

std::string overview() {
  std::string text =
      "Usage: quicket [OPTIONS] COMMAND [ARGUMENTS]\nConnects two devices that cannot reach each other in the usual "
      "ways.\n\n";
  for (const Command& command : all_commands()) {
    if (command.hidden) continue;
    std::string left = "  " + std::string(command.name);
    if (!command.arguments.empty()) left += " " + std::string(command.arguments);
    left.resize(std::max(left.size() + 2, kCommandColumn), ' ');
    text += left + std::string(command.summary) + '\n';
  }
  text += "\n";
  text += common_options();
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
    text += "Options:\n" + own_options(command) + "\n";
  }
  text += common_options();
  text += "\n" + std::string(kSources);
  return text;
}

}  // namespace quicket::cli
