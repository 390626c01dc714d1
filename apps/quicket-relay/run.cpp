#include "apps/quicket-relay/run.hpp"

#include "apps/quicket-relay/config.hpp"
#include "apps/quicket-relay/daemon.hpp"
#include "apps/quicket-relay/options.hpp"

namespace quicket::relayd {

namespace {

int fail(std::ostream& err, const apps::Problem& problem) {
  err << "error: " << problem.message << std::endl;
  return static_cast<int>(problem.exit);
}

}  // namespace

int run(const Invocation& invocation) {
  const auto settings = read_settings(invocation.arguments, invocation.environment);
  if (!settings) return fail(invocation.err, settings.error());
  if (settings->is_on("help")) {
    invocation.out << help_text() << std::flush;
    return 0;
  }
  if (settings->is_on("version")) {
    invocation.out << "quicket-relay " << kVersion << std::endl;
    return 0;
  }
  if (settings->text("plane") == "help") {
    invocation.out << plane_help_text() << std::flush;
    return 0;
  }
  const auto read = [&invocation]() -> apps::Checked<Config> {
    const auto now = read_settings(invocation.arguments, invocation.environment);
    if (!now) return now.error();
    return read_config(*now, invocation.environment, invocation.terminal, invocation.root);
  };
  auto config = read();
  if (!config) return fail(invocation.err, config.error());

  Log log(invocation.err, config->log_format, config->log_level);
  Daemon daemon(std::move(*config), read, invocation.environment, log);
  auto done = daemon.start();
  if (done) done = daemon.run();
  if (done) return 0;
  log.fail(done.error());
  return static_cast<int>(done.error().exit);
}

}  // namespace quicket::relayd
