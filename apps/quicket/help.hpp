#pragma once

#include <string>

#include "apps/quicket/command.hpp"

namespace quicket::cli {

// overview is what quicket --help prints; help_for what quicket COMMAND --help does. Lines are at most kHelpWidth columns wide, as far
// as words allow, without an end behind the last.
constexpr std::size_t kHelpWidth = 100;
std::string overview();
std::string help_for(const Command& command);

}  // namespace quicket::cli
