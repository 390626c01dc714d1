// A plugin that takes its process with it as soon as it is loaded.
#include <cstdlib>

namespace {

struct Crash {
  Crash() { std::abort(); }
};
const Crash kCrash;

}  // namespace
