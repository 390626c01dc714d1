#include "apps/options/text.hpp"
#include "apps/quicket/command.hpp"
#include "apps/quicket/relay_list.hpp"

namespace quicket::cli {

Checked<> run_relay_add(Context& context) {
  const auto url = RelayUrl::parse(context.arguments[0]);
  if (!url) return Problem{Exit::kUsage, "\"" + apps::printable(context.arguments[0]) + "\": " + url.error().message()};
  const auto file = context.places.relays();
  if (!file) return file.error();
  const auto replaced = add_relay(*file, *url);
  if (!replaced) return replaced.error();
  context.output.tell("relay", "relay",
                      url->authority() + (*replaced ? ", which was there already, is up to date" : " added"),
                      {{"url", url->to_string()}, {"new", !*replaced}});
  return {};
}

Checked<> run_relay_list(Context& context) {
  const auto file = context.places.relays();
  if (!file) return file.error();
  const auto list = load_relays(*file);
  if (!list) return list.error();
  for (const RelayUrl& url : list->urls()) context.output.result(url.to_string(), {{"url", url.to_string()}});
  return {};
}

Checked<> run_relay_remove(Context& context) {
  const std::string& relay = context.arguments[0];
  const auto file = context.places.relays();
  if (!file) return file.error();
  const auto removed = remove_relay(*file, relay);
  if (!removed) return removed.error();
  if (!*removed)
    return usage_problem("no relay \"" + apps::printable(relay) + "\" is there: quicket relay list shows them");
  context.output.tell("removed", "removed", relay, {{"relay", relay}});
  return {};
}

}  // namespace quicket::cli
