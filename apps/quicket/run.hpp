#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/options/environment.hpp"
#include "apps/options/settings.hpp"
#include "apps/options/sources.hpp"
#include "apps/quicket/errors.hpp"
#include "apps/quicket/output.hpp"

namespace quicket::cli {

// Streams are where the program speaks. The streams are borrowed.
struct Streams {
  std::ostream& results;
  std::ostream& messages;
  bool messages_on_terminal = false;
};

// run does what the command line says and tells how to exit. `arguments` are those behind the program's name.
Exit run(const std::vector<std::string>& arguments, const apps::Environment& environment, Streams streams);

// manner_for decides how to speak.
Manner manner_for(const apps::Settings& settings, const apps::Environment& environment, bool on_terminal);

// settings_for puts all sources together. Errors: kUsage, kConfig.
Checked<apps::Settings> settings_for(const apps::Given& flags, const apps::Environment& environment,
                                     const std::string& system_config);

}  // namespace quicket::cli
