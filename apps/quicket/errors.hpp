#pragma once

#include <quicket/error.hpp>

#include <string>
#include <string_view>

#include "apps/options/exit.hpp"

namespace quicket::cli {

using apps::Checked;
using apps::Exit;
using apps::Problem;

// exit_for tells how to end on an error of the library or the system.
Exit exit_for(const error_code& code) noexcept;

// problem_of gives the message of a library's error, with what it was about in front: "FILE: message".
Problem problem_of(const Failure& failure, std::string_view about = {});
inline Problem problem_of(const error_code& code, std::string_view about = {}) {
  return problem_of(Failure{code, {}}, about);
}

// own_file_problem is the same for a file that the program reads of its own accord: see exit_for_own_file.
Problem own_file_problem(const error_code& code, std::string_view about);

// failure_of gets the library's Failure back out of what its awaitables throw.
Failure failure_of(const boost::system::system_error& error);

inline Problem usage_problem(std::string message) { return {Exit::kUsage, std::move(message)}; }

}  // namespace quicket::cli
