#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/options/environment.hpp"
#include "apps/options/exit.hpp"
#include "apps/options/option_table.hpp"
#include "apps/options/settings.hpp"

namespace quicket::relayd {

constexpr std::string_view kVersion = QUICKET_VERSION;
constexpr std::string_view kSystemConfig = "/etc/quicket/relay.conf";

// option_table is all that quicket-relay can be told.
const apps::OptionTable& option_table() noexcept;

// help_text is what --help prints.
std::string help_text();

// read_settings collects the command line, then the environment, then --config, or else the user's configuration file
// and the system's as far as they are there. Errors: kUsage; kConfig for a file.
apps::Checked<apps::Settings> read_settings(const std::vector<std::string>& arguments,
                                            const apps::Environment& environment,
                                            std::string_view system_config = kSystemConfig);

}  // namespace quicket::relayd
