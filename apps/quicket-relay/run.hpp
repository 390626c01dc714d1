#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/options/environment.hpp"

namespace quicket::relayd {

// Invocation is all that the program is started with. It borrows the streams.
struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  apps::Environment environment;
  std::ostream& out;      // what was asked for: --help, --version
  std::ostream& err;      // everything else
  bool terminal = false;  // err is one
  bool root = false;
};

// run is the program, but for its process. It gives the exit status.
int run(const Invocation& invocation);

}  // namespace quicket::relayd
