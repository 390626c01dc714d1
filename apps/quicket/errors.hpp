#pragma once

#include <quicket/error.hpp>

#include <string>

namespace quicket::cli {

// Exit is how the program ends: the codes of sysexits.h, and those that shells give for signals.
enum class Exit : int {
  kOk = 0,
  kUsage = 64,         // the command line is wrong
  kBadOffer = 65,      // an offer, or other input, is not what it should be
  kUnreachable = 69,   // a relay, a peer or a plugin is not there
  kInternal = 70,      // a defect of this program
  kCannotCreate = 73,  // a file cannot be made or changed
  kInputOutput = 74,   // reading or writing failed
  kTemporary = 75,     // may work later: a timeout, a limit
  kRefused = 77,       // a key, a pin or a permission is wrong
  kConfig = 78,        // a file of this program's own is damaged or missing
  kInterrupted = 130,  // SIGINT
  kTerminated = 143,   // SIGTERM
};

// exit_for tells how to end on an error of the library or the system.
Exit exit_for(const error_code& code) noexcept;

// Problem is what a person reads when something went wrong: what happened, why, and what to do. No final stop needed.
struct Problem {
  Exit exit = Exit::kInternal;
  std::string message;
};

// CliResult is a Result whose error is fit to be shown.
template <class T = void>
using CliResult = boost::system::result<T, Problem>;

// problem_of gives the message of a library's error, with what it was about in front: "FILE: message".
Problem problem_of(const Failure& failure, std::string_view about = {});
inline Problem problem_of(const error_code& code, std::string_view about = {}) { return problem_of(Failure{code, {}}, about); }

inline Problem usage_problem(std::string message) { return {Exit::kUsage, std::move(message)}; }

// throw_exception_from_error is what CliResult's value() calls where there is none.
[[noreturn]] void throw_exception_from_error(const Problem& problem, const boost::source_location&);

}  // namespace quicket::cli
