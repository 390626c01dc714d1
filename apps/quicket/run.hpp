#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/quicket/errors.hpp"
#include "apps/quicket/options.hpp"
#include "apps/quicket/output.hpp"
#include "apps/quicket/settings.hpp"

namespace quicket::cli {

// Streams are where the program speaks. The streams are borrowed.
struct Streams {
  std::ostream& results;
  std::ostream& messages;
  bool messages_on_terminal = false;
};

// run does what the command line says and tells how to exit. `arguments` are those behind the program's name.
Exit run(const std::vector<std::string>& arguments, const Environment& environment, Streams streams);

// manner_for decides how to speak.
Manner manner_for(const Settings& settings, const Environment& environment, bool on_terminal);

// settings_for puts all sources together. Errors: kUsage, kConfig.
CliResult<Settings> settings_for(const Given& flags, const Environment& environment, const std::string& system_config);

}  // namespace quicket::cli
