#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quicket::plugin {

// parse_header_lines reads one "Name: value" per line; empty lines, and those that begin with #, are skipped. Names
// that belong to this carrier are refused: Content-Length, Host, Expect, Transfer-Encoding, Connection and webhook-*.
// Throws std::invalid_argument, whose text says which line is wrong, and holds nothing of it.
std::vector<std::string> parse_header_lines(std::string_view lines);

}  // namespace quicket::plugin
