#include "apps/quicket/help.hpp"

namespace quicket::cli {

Checked<> run_help(Context& context) {
  if (context.arguments.empty()) {
    context.output.result(overview(), {{"help", overview()}});
    return {};
  }
  const auto found = find_command(context.arguments);
  if (!found) return found.error();
  const std::string text = help_for(*found->command);
  context.output.result(text, {{"help", text}});
  return {};
}

}  // namespace quicket::cli
