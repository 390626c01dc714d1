// Goodput over loopback, of one stream and of a hundred: the packaged pair, two ends of the engine direct and through
// the relay's plane, and two endpoints through a whole relay. Rounds alternate, so that a noisy machine is noisy for
// all; the first round of each warms up and does not count.

#include "tests/bench/endpoints.hpp"
#include "tests/bench/packaged_pair.hpp"
#include "tests/bench/rounds.hpp"
#include "tests/bench/wire.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket::bench {
namespace {

// What is measured. The pair probes for datagrams of 1452 bytes, and so does `direct`; `direct-jumbo` for those of
// 8952, as loopback and networks with jumbo frames carry them. Relays are sent no more than 1200: so is `direct-1200`.
constexpr const char *kPair = "pair", *kDirect = "direct", *kJumbo = "direct-jumbo", *kSmall = "direct-1200",
                     *kRelayed = "relayed", *kEndpoints = "endpoints";

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

// print_ratio says how one compares with the other, round by round, where both were measured.
void print_ratio(const std::vector<Subject>& subjects, std::string_view one, std::string_view other, double aim) {
  const auto above = std::ranges::find(subjects, one, &Subject::name);
  const auto below = std::ranges::find(subjects, other, &Subject::name);
  if (above == subjects.end() || below == subjects.end()) return;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < above->speed.size(); ++i) ratios.push_back(above->speed[i] / below->speed[i]);
  const Spread ratio = spread_of(ratios);
  std::printf("  %-32s %8.2f       [%.2f - %.2f]   aim %.2f: %s\n", (above->name + " / " + below->name).c_str(),
              ratio.median, ratio.least, ratio.most, aim, ratio.median >= aim ? "reached" : "missed");
}

// subjects_named gives those with these names; all when there are none.
std::vector<Subject> subjects_named(const std::vector<std::string>& names, std::optional<PackagedPair>& pair) {
  std::vector<Subject> all;
  if (PackagedPair::is_there()) {
    pair.emplace();
    all.push_back({kPair, [&](const Load& load) { return pair->measure(load); }});
  } else {
    std::printf("  gtlsserver and gtlsclient are not installed: nothing to compare with\n");
  }
  const auto add_wire = [&](const char* name, const Wire& wire) {
    all.push_back({name, [wire](const Load& load) { return measure_wire(load, wire); }});
  };
  add_wire(kDirect, {.max_udp_payload = 1452});
  add_wire(kJumbo, {.max_udp_payload = 8952});
  add_wire(kSmall, {.max_udp_payload = 1200});
  add_wire(kRelayed, {.relayed = true, .max_udp_payload = 1200});
  all.push_back({kEndpoints, measure_endpoints});
  if (!names.empty())
    std::erase_if(all, [&](const Subject& one) { return std::ranges::find(names, one.name) == names.end(); });
  return all;
}

void compare(const Load& load, int rounds, const std::vector<std::string>& names) {
  std::optional<PackagedPair> pair;
  std::vector<Subject> subjects = subjects_named(names, pair);
  for (int i = 0; i <= rounds; ++i) run_round(subjects, load, i > 0);

  for (const Subject& subject : subjects) {
    const Spread speed = spread_of(subject.speed), cpu = spread_of(subject.cpu);
    std::printf("  %-32s %8.0f MB/s  [%.0f - %.0f]   CPU %.2f ms/MB  [%.2f - %.2f]\n", subject.name.c_str(),
                speed.median, speed.least, speed.most, cpu.median, cpu.least, cpu.most);
  }
  print_ratio(subjects, kDirect, kPair, 1.5);
  print_ratio(subjects, kJumbo, kPair, 1.5);
  print_ratio(subjects, kRelayed, kSmall, 0.85);
  print_ratio(subjects, kRelayed, kDirect, 0.85);
  print_ratio(subjects, kEndpoints, kSmall, 0.85);
}

}  // namespace
}  // namespace quicket::bench

// Arguments: megabytes of each round (200), counted rounds (5), streams (1 and then 100), names of what to measure
// (all).
int main(int argc, char** argv) {
  using namespace quicket::bench;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](std::size_t index, std::size_t otherwise) {
    return arguments.size() > index ? std::strtoul(arguments[index].c_str(), nullptr, 10) : otherwise;
  };
  const std::size_t megabytes = number(0, 200), rounds = number(1, 5), streams = number(2, 0);
  const std::vector<std::string> names(arguments.begin() + std::min<std::ptrdiff_t>(3, std::ssize(arguments)),
                                       arguments.end());
  if (megabytes == 0 || rounds == 0) return 64;
  std::printf("goodput, %zu MB, %zu alternating rounds, median [range]\n", megabytes, rounds);
  for (const std::size_t count : streams > 0 ? std::vector{streams} : std::vector<std::size_t>{1, 100}) {
    std::printf("%zu stream%s\n", count, count == 1 ? "" : "s");
    compare({.bytes = megabytes * kMegabyte, .streams = count}, static_cast<int>(rounds), names);
  }
  return 0;
}
