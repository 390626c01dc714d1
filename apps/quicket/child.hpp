#pragma once

#include <quicket/error.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace quicket::cli {

// ChildEnd is how a child process ended, and what it wrote to its standard output.
struct ChildEnd {
  std::string output;
  int status = 0;     // its exit status
  int signal = 0;     // what ended it; 0: it exited
  bool late = false;  // it had to be killed, for its time was over
};

// run_child starts a program and waits for its end, at most `patience`: then it is killed. Its standard input is empty,
// its standard error is dropped; its output is read up to `max_output` bytes. Errors: the operating system's.
Result<ChildEnd> run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           std::chrono::milliseconds patience, std::size_t max_output);

}  // namespace quicket::cli
