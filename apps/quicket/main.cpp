#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "apps/quicket/run.hpp"

namespace {

// keep_standard_descriptors opens those that are missing, for else a socket would become standard output.
void keep_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer reads is told of as an error
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const quicket::cli::Streams streams{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  return static_cast<int>(quicket::cli::run(arguments, quicket::apps::read_environment(environ), streams));
}
