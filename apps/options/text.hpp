#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quicket::apps {

// printable makes foreign text fit for a terminal: control characters become '?'.
std::string printable(std::string_view text);

// distance counts the letters to change, drop, add, or swap with their neighbour, to get from one word to the other.
std::size_t distance(std::string_view a, std::string_view b);

}  // namespace quicket::apps
