// Replays the seeds of every fuzz target, whole and cut short, without libFuzzer.
#include "tests/fuzz/fuzz.hpp"

#include "core/base/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// Each target's LLVMFuzzerTestOneInput, named after its file: tests/fuzz/CMakeLists.txt lists them.
#define X(name) extern "C" int fuzz_target_##name(const std::uint8_t*, std::size_t);
#include <fuzz_targets.inc>
#undef X

namespace quicket::fuzz {

void fail(const char* file, int line, const char* property) {
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": does not hold: " + property);
}

namespace {

struct Target {
  std::string name;
  int (*run)(const std::uint8_t*, std::size_t);
  friend std::ostream& operator<<(std::ostream& out, const Target& target) { return out << target.name; }
};

// seeds_of gives a target's seeds: those in the tree, and those that make_seeds.py made of the test vectors.
std::set<std::filesystem::path> seeds_of(const Target& target) {
  std::set<std::filesystem::path> files;
  for (const std::filesystem::path folder : {QUICKET_FUZZ_SEEDS, QUICKET_FUZZ_MADE_SEEDS}) {
    if (!is_directory(folder / target.name)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder / target.name)) files.insert(entry.path());
  }
  return files;
}

class FuzzTarget : public testing::TestWithParam<Target> {};

TEST_P(FuzzTarget, HoldsForItsSeedsWholeAndCutShort) {
  constexpr std::size_t kLargest = 1 << 20, kCuts = 32;
  const auto seeds = seeds_of(GetParam());
  ASSERT_FALSE(seeds.empty());
  for (const auto& seed : seeds) {
    SCOPED_TRACE(seed);
    std::cout << seed.string() << std::endl;  // a crash leaves no trace of gtest's
    const Bytes whole = read_file(seed, kLargest).value();
    for (std::size_t cut = 0; cut <= kCuts; ++cut) {
      const Bytes input = to_bytes(ByteView(whole).first(whole.size() - whole.size() * cut / kCuts));
      ASSERT_NO_THROW(GetParam().run(octets(ByteView(input)), input.size())) << input.size() << " bytes of it";
    }
  }
}

std::vector<Target> targets() {
  return {
#define X(name) {#name, fuzz_target_##name},
#include <fuzz_targets.inc>
#undef X
  };
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTarget, testing::ValuesIn(targets()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace quicket::fuzz
