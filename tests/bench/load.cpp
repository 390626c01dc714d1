#include "tests/bench/load.hpp"

#include <sys/resource.h>

namespace quicket::bench {

namespace {

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double cpu_seconds_of_self() { return cpu_seconds(RUSAGE_SELF); }
double cpu_seconds_of_children() { return cpu_seconds(RUSAGE_CHILDREN); }

}  // namespace quicket::bench
