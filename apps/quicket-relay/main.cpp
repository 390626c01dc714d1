#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

#include "apps/options/exit.hpp"
#include "apps/options/process.hpp"
#include "apps/quicket-relay/run.hpp"

int main(int argc, char** argv) {
  using namespace quicket;
  try {
    apps::begin_process();
    return relayd::run({.arguments = std::vector<std::string>(argv + std::min(argc, 1), argv + argc),
                        .environment = apps::read_environment(environ),
                        .out = std::cout,
                        .err = std::cerr,
                        .terminal = ::isatty(STDERR_FILENO) == 1,
                        .root = ::geteuid() == 0});
  } catch (const boost::system::system_error& error) {  // of what Asio needs from the system to begin with
    std::cerr << "error: " << error.what() << std::endl;
    return static_cast<int>(apps::exit_for_system(error.code()));
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << std::endl;
    return static_cast<int>(apps::Exit::kInternal);
  }
}
