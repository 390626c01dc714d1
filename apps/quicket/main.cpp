#include <unistd.h>

#include <iostream>

#include "apps/options/process.hpp"
#include "apps/quicket/run.hpp"

int main(int argc, char** argv) {
  quicket::apps::begin_process();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const quicket::cli::Streams streams{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  return static_cast<int>(quicket::cli::run(arguments, quicket::apps::read_environment(environ), streams));
}
