// Goodput over loopback, of one stream and of a hundred: the packaged pair, two ends of the engine direct and through
// the relay's plane, and two endpoints through a whole relay. Rounds alternate, so that a noisy machine is noisy for
// all; the first round of each warms up and does not count.

#include "tests/bench/endpoints.hpp"
#include "tests/bench/packaged_pair.hpp"
#include "tests/bench/rounds.hpp"
#include "tests/bench/wire.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace quicket::bench {
namespace {

// Subject is one way to move bytes, with what its rounds gave.
struct Subject {
  std::string name;
  std::function<Measured(const Load&)> measure;
  std::vector<double> speed{};  // MB/s
  std::vector<double> cpu{};    // ms/MB, of all that took part
};

void run_round(std::vector<Subject>& subjects, const Load& load, bool counts) {
  for (Subject& subject : subjects) {
    const Measured measured = subject.measure(load);
    const double megabytes = static_cast<double>(load.bytes) / static_cast<double>(kMegabyte);
    if (!counts) continue;
    subject.speed.push_back(megabytes / measured.seconds);
    subject.cpu.push_back(measured.cpu_seconds * 1e3 / megabytes);
  }
}

void print_ratio(const Subject& one, const Subject& other, double aim) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.speed.size(); ++i) ratios.push_back(one.speed[i] / other.speed[i]);
  const Spread ratio = spread_of(ratios);
  std::printf("  %-32s %8.2f       [%.2f - %.2f]   aim %.2f: %s\n", (one.name + " / " + other.name).c_str(),
              ratio.median, ratio.least, ratio.most, aim, ratio.median >= aim ? "reached" : "missed");
}

void compare(const Load& load, int rounds) {
  std::optional<PackagedPair> pair;
  std::vector<Subject> subjects;
  if (PackagedPair::is_there()) {
    pair.emplace();
    subjects.push_back({"pair", [&](const Load& l) { return pair->measure(l); }});
  } else {
    std::printf("  gtlsserver and gtlsclient are not installed: nothing to compare with\n");
  }
  subjects.push_back({"direct", [](const Load& l) { return measure_wire(l, false); }});
  subjects.push_back({"relayed", [](const Load& l) { return measure_wire(l, true); }});
  subjects.push_back({"endpoints", measure_endpoints});
  for (int i = 0; i <= rounds; ++i) run_round(subjects, load, i > 0);

  for (const Subject& subject : subjects) {
    const Spread speed = spread_of(subject.speed), cpu = spread_of(subject.cpu);
    std::printf("  %-32s %8.0f MB/s  [%.0f - %.0f]   CPU %.2f ms/MB  [%.2f - %.2f]\n", subject.name.c_str(),
                speed.median, speed.least, speed.most, cpu.median, cpu.least, cpu.most);
  }
  const Subject &endpoints = subjects.back(), &relayed = *(subjects.rbegin() + 1), &direct = *(subjects.rbegin() + 2);
  if (pair) print_ratio(direct, subjects.front(), 1.5);
  print_ratio(relayed, direct, 0.85);
  print_ratio(endpoints, direct, 0.85);
}

}  // namespace
}  // namespace quicket::bench

// Arguments: megabytes of each round (200), counted rounds (5).
int main(int argc, char** argv) {
  using namespace quicket::bench;
  const std::size_t megabytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (megabytes == 0 || rounds <= 0) return 64;
  std::printf("goodput, %zu MB, %d alternating rounds, median [range]\n", megabytes, rounds);
  for (const std::size_t streams : {1u, 100u}) {
    std::printf("%zu stream%s\n", streams, streams == 1 ? "" : "s");
    compare({.bytes = megabytes * kMegabyte, .streams = streams}, rounds);
  }
  return 0;
}
