// A plugin that prints something, and ends its process without a word about itself.
#include <unistd.h>
#include <cstdio>

namespace {

struct Leaving {
  Leaving() {
    std::puts("good bye");
    std::fflush(stdout);
    ::_exit(0);
  }
};
const Leaving kLeaving;

}  // namespace
