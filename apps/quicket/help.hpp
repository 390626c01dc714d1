#pragma once

#include <string>

#include "apps/quicket/command.hpp"

namespace quicket::cli {

// overview is what quicket --help prints; help_for what quicket COMMAND --help does. Options are described in lines of
// at most kHelpWidth columns. No line end behind the last line.
constexpr std::size_t kHelpWidth = 100;
std::string overview();
std::string help_for(const Command& command);

}  // namespace quicket::cli
