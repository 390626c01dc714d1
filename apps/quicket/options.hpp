#pragma once

#include "apps/options/option_table.hpp"

namespace quicket::cli {

// option_table is all options of all commands: it feeds flags, QUICKET_* variables, configuration files and help.
const apps::OptionTable& option_table() noexcept;

}  // namespace quicket::cli
