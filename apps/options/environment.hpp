#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace quicket::apps {

// Environment is what the process was started with, as a value.
using Environment = std::map<std::string, std::string, std::less<>>;

// read_environment copies NAME=VALUE strings up to a null pointer; the first of a name counts.
Environment read_environment(const char* const* variables);

// find_variable gives the value; empty when it is not set, or set to nothing. Borrowed.
std::string_view find_variable(const Environment& environment, std::string_view name) noexcept;

}  // namespace quicket::apps
