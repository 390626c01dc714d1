#pragma once

#include <span>
#include <string_view>

#include "apps/quicket/context.hpp"

namespace quicket::cli {

// Command is one row of the command table.
struct Command {
  std::string_view name;       // one word, or two: "trust add"
  std::string_view arguments;  // as help shows them: "NAME PEER-ID"
  std::size_t min_arguments = 0, max_arguments = 0;
  std::string_view summary;                        // one line
  std::string_view details = {};                   // for its own help: paragraphs, with line ends
  std::span<const std::string_view> options = {};  // besides those that stand everywhere
  Checked<> (*run)(Context& context) = nullptr;
  bool hidden = false;  // this program's own, not listed
};

// all_commands is that table, in the order in which help lists it.
std::span<const Command> all_commands() noexcept;

// FoundCommand is what the words of a command line mean.
struct FoundCommand {
  const Command* command = nullptr;
  std::size_t words = 0;  // that its name takes
};

// find_command: kUsage when there is no such command, with a suggestion, or when only a part of a name is there.
Checked<FoundCommand> find_command(std::span<const std::string> words);

// takes: whether a command has this option.
bool takes(const Command& command, std::string_view option) noexcept;

// The commands, one file each (commands/).
Checked<> run_id(Context& context);
Checked<> run_trust_add(Context& context);
Checked<> run_trust_list(Context& context);
Checked<> run_trust_remove(Context& context);
Checked<> run_relay_add(Context& context);
Checked<> run_relay_list(Context& context);
Checked<> run_relay_remove(Context& context);
Checked<> run_dial(Context& context);
Checked<> run_accept(Context& context);
Checked<> run_carriers(Context& context);
Checked<> run_probe(Context& context);
Checked<> run_help(Context& context);
Checked<> run_version(Context& context);

}  // namespace quicket::cli
