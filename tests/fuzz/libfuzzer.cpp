// What fail() does where libFuzzer runs the target.
#include "tests/fuzz/fuzz.hpp"

#include <cstdio>
#include <cstdlib>

namespace quicket::fuzz {

void fail(const char* file, int line, const char* property) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
  std::abort();
}

}  // namespace quicket::fuzz
