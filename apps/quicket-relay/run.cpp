#include "apps/quicket-relay/run.hpp"

#include "apps/quicket-relay/config.hpp"
#include "apps/quicket-relay/daemon.hpp"
#include "apps/quicket-relay/options.hpp"

#include <new>
#include <string_view>

namespace quicket::relayd {

namespace {

int fail(std::ostream& err, const apps::Problem& problem) {
  err << "error: " << problem.message << std::endl;
  return static_cast<int>(problem.exit);
}

// say writes what was asked for.
int say(const Invocation& invocation, std::string_view text) {
  invocation.out << text << std::flush;
  if (invocation.out) return 0;
  return fail(invocation.err, {apps::Exit::kInputOutput, "standard output: the text could not be written"});
}

apps::Checked<> serve(Daemon& daemon) {
  try {
    auto started = daemon.start();
    return started ? daemon.run() : started;
  } catch (const std::bad_alloc&) {
    return apps::Problem{apps::Exit::kTemporary,
                         "no memory is left. Lower --max-ids, --max-registrations or --max-connections"};
  }
}

}  // namespace

int run(const Invocation& invocation) {
  const auto settings = read_settings(invocation.arguments, invocation.environment);
  if (!settings) return fail(invocation.err, settings.error());
  if (settings->is_on("help")) return say(invocation, help_text());
  if (settings->is_on("version")) return say(invocation, "quicket-relay " + std::string(kVersion) + "\n");
  const auto read = [&invocation]() -> apps::Checked<Config> {
    const auto now = read_settings(invocation.arguments, invocation.environment);
    if (!now) return now.error();
    return read_config(*now, invocation.environment, invocation.terminal, invocation.root);
  };
  auto config = read();
  if (!config) return fail(invocation.err, config.error());

  Log log(invocation.err, config->log_format, config->log_level);
  Daemon daemon(std::move(*config), read, invocation.environment, log);
  const auto done = serve(daemon);
  if (done) return 0;
  log.fail(done.error());
  return static_cast<int>(done.error().exit);
}

}  // namespace quicket::relayd
