#include <quicket/clock.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

#include <algorithm>

#include "apps/quicket/command.hpp"
#include "apps/quicket/format.hpp"
#include "apps/quicket/probe.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kNameColumn = 11;

std::string column(std::string_view text, std::size_t width) {
  std::string cell(text);
  cell.resize(std::max(cell.size() + 1, width), ' ');
  return cell;
}

// table_row describes one carrier for people.
std::string table_row(const CarrierInfo& info) {
  const std::string margin(kNameColumn, ' ');
  const char* directions = info.can_deliver ? info.can_receive ? "delivers and receives" : "delivers" : "receives";
  std::string text = column(info.name, kNameColumn) + info.summary + '\n' + margin + directions + " · up to " +
                     format_size(info.max_offer);
  text += " · " +
          (info.typical_latency.count() == 0 ? "at once" : "typically within " + format_duration(info.typical_latency));
  if (info.hides) text += " · nobody else can read it";
  if (info.authenticates) text += " · the receiver knows the sender";
  if (info.by_hand) text += " · you hand it over";
  std::size_t widest = 0;
  for (const auto& option : info.options) widest = std::max(widest, option.key.size());
  for (const auto& [key, meaning] : info.options) text += '\n' + margin + column(key, widest + 1) + meaning;
  return text;
}

}  // namespace

Checked<> run_carriers(Context& context) {
  const CarrierSearch search = carrier_search(context);
  const auto found = CarrierLibrary(search, HostServices{.now = boot_now}).installed();
  if (found.empty()) {
    return Problem{Exit::kUnavailable, "no carrier is installed in " + search.plugin_path + ":" +
                                           search.install_dir.string() + ". --carrier-path FOLDER looks elsewhere"};
  }
  const std::filesystem::path program = this_program();
  for (const auto& [name, file] : found) {
    auto info = probe_in_child(program, file);
    if (info && info->name != name) {
      info = Problem{Exit::kUnavailable, file.string() + ": its name is \"" + info->name + "\""};
    }
    if (info) {
      context.output.result(table_row(*info), describe(*info));
    } else {
      const std::string& why = info.error().message;
      context.output.result(column(name, kNameColumn) + "cannot be used here: " + why,
                            {{"name", name}, {"file", file.string()}, {"problem", why}});
    }
  }
  return {};
}

Checked<> run_probe(Context& context) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it may hang, and nobody would be left to end it
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const auto info = probe_carrier(context.arguments[0]);
  if (info) {
    context.output.result(info->name, describe(*info));
  } else {
    context.output.result(info.error().message(), {{"problem", info.error().message()}});
  }
  return {};
}

}  // namespace quicket::cli
