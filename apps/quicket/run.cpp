#include "apps/quicket/run.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include "apps/quicket/command.hpp"
#include "apps/quicket/help.hpp"
#include "apps/quicket/options.hpp"
#include "apps/quicket/places.hpp"
#include "core/base/file.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kMaxConfig = 256 * 1'024;  // bytes

// read_config takes one configuration file; none at all says nothing.
Checked<apps::Given> read_config(const std::filesystem::path& file) {
  const auto content = read_file(file, kMaxConfig);
  if (!content && content.error() == boost::system::errc::no_such_file_or_directory) return apps::Given();
  if (!content) return own_file_problem(content.error(), file.string());
  return apps::parse_config(option_table(), as_text(*content), file.string());
}

// check says whether the command takes the options and arguments that were typed.
Checked<> check(const Command& command, const apps::CommandLine& line, std::size_t arguments) {
  const std::string name = "quicket " + std::string(command.name);
  const std::string more = ". " + name + " --help tells more";
  for (const auto& [option, values] : line.options) {
    if (!takes(command, option)) return usage_problem(name + " takes no --" + option + more);
  }
  if (arguments < command.min_arguments) return usage_problem(name + " needs " + std::string(command.arguments) + more);
  if (arguments > command.max_arguments) {
    const std::string what = command.max_arguments == 0 ? "no arguments" : "only " + std::string(command.arguments);
    return usage_problem(name + " takes " + what + more);
  }
  return {};
}

Checked<> dispatch(const apps::CommandLine& line, const apps::Settings& settings, const apps::Environment& environment,
                   Output& output) {
  const std::vector<std::string> nothing;
  const Places places(environment);
  if (settings.is_on("version")) {
    Context context{settings, nothing, environment, places, output};
    return run_version(context);
  }
  if (line.words.empty() && settings.is_on("help")) {
    Context context{settings, nothing, environment, places, output};
    return run_help(context);
  }
  const auto found = find_command(line.words);
  if (!found) return found.error();
  const Command& command = *found->command;
  if (settings.is_on("help")) {
    output.result(help_for(command), {{"help", help_for(command)}});
    return {};
  }
  const std::vector<std::string> arguments(line.words.begin() + static_cast<std::ptrdiff_t>(found->words),
                                           line.words.end());
  if (const auto fits = check(command, line, arguments.size()); !fits) return fits.error();
  Context context{settings, arguments, environment, places, output};
  return command.run(context);
}

// guarded keeps exceptions from leaving the program: there are none but for defects and missing memory.
Checked<> guarded(const apps::CommandLine& line, const apps::Settings& settings, const apps::Environment& environment,
                  Output& output) {
  try {
    return dispatch(line, settings, environment, output);
  } catch (const boost::system::system_error& error) {
    const Failure why = failure_of(error);
    return problem_of(why.code, why.detail);
  } catch (const std::exception& error) {
    return Problem{Exit::kInternal, std::string("internal error: ") + error.what()};
  }
}

}  // namespace

Manner manner_for(const apps::Settings& settings, const apps::Environment& environment, bool on_terminal) {
  const bool capable = on_terminal && apps::find_variable(environment, "TERM") != "dumb";
  return {.quiet = settings.is_on("quiet"),
          .json = settings.is_on("json"),
          .colour = capable && apps::find_variable(environment, "NO_COLOR").empty(),
          .moving = capable && !settings.is_on("no-progress")};
}

Checked<apps::Settings> settings_for(const apps::Given& flags, const apps::Environment& environment,
                                     const std::string& system_config) {
  apps::Settings settings(option_table());
  settings.add(flags, "", Exit::kUsage);
  const auto variables = apps::parse_environment(option_table(), environment);
  if (!variables) return variables.error();
  settings.add(*variables, apps::Settings::kEnvironmentOrigin, Exit::kUsage);
  if (const auto file = Places(environment).config()) {  // without a home there is no such file
    const auto own = read_config(*file);
    if (!own) return own.error();
    settings.add(*own, file->string(), Exit::kConfig);
  }
  const auto common = read_config(system_config);
  if (!common) return common.error();
  settings.add(*common, system_config, Exit::kConfig);
  return settings;
}

Exit run(const std::vector<std::string>& arguments, const apps::Environment& environment, Streams streams) {
  const auto line = apps::parse_command_line(option_table(), arguments);
  const Checked<apps::Settings> settings =
      line ? settings_for(line->options, environment, Places::kSystemConfig) : Checked<apps::Settings>(line.error());
  const bool wants_json =
      std::ranges::find(arguments, "--json") != arguments.end();  // before the options are understood
  const Manner manner =
      settings ? manner_for(*settings, environment, streams.messages_on_terminal) : Manner{.json = wants_json};
  Output output(streams.results, streams.messages, manner);

  Checked<> done = settings ? guarded(*line, *settings, environment, output) : Checked<>(settings.error());
  if (done) done = output.finish();
  if (done) return Exit::kOk;
  output.fail(done.error());
  return done.error().exit;
}

}  // namespace quicket::cli
