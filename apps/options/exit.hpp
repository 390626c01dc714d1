#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace quicket::apps {

// Exit is how a program ends: the codes of sysexits.h, and those that shells give for signals.
enum class Exit : int {
  kOk = 0,
  kUsage = 64,         // the command line is wrong
  kBadInput = 65,      // what was read is not what it should be
  kUnavailable = 69,   // something that is needed is not there, or taken
  kInternal = 70,      // a defect of the program
  kCannotCreate = 73,  // a file cannot be made or changed
  kInputOutput = 74,   // reading or writing failed
  kTemporary = 75,     // may work later
  kNoPermission = 77,  // a permission is missing, or a secret is readable to others
  kConfig = 78,        // the configuration, or a file of the program's own, is wrong
  kHungUp = 129,       // SIGHUP
  kInterrupted = 130,  // SIGINT
  kTerminated = 143,   // SIGTERM
};

// exit_for_system tells how to end on an error of the operating system: kCannotCreate when a file is not there or not
// ours, kUnavailable when the network is not, kTemporary when a table or memory is full, else kInputOutput.
Exit exit_for_system(const boost::system::error_code& error) noexcept;

// exit_for_own_file is the same for a file that the program wants to read of its own accord, such as its configuration:
// kTemporary and kInputOutput as above, and kConfig for all that is the file's fault.
Exit exit_for_own_file(const boost::system::error_code& error) noexcept;

// Problem is what a person reads when something went wrong: what happened, why, and what to do. No final stop needed.
struct Problem {
  Exit exit = Exit::kInternal;
  std::string message;
};

// Checked holds a value or the problem that there is none for.
template <class T = void>
using Checked = boost::system::result<T, Problem>;

// throw_exception_from_error is what Checked's value() calls where there is none.
[[noreturn]] inline void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
  throw std::runtime_error(problem.message);
}

}  // namespace quicket::apps
