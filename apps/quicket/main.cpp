#include <unistd.h>

#include <csignal>
#include <iostream>

#include "apps/quicket/run.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer reads is told of as an error
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const quicket::cli::Streams streams{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  return static_cast<int>(quicket::cli::run(arguments, quicket::cli::read_environment(environ), streams));
}
