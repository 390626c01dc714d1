// A plugin that never gets loaded to the end.
#include <unistd.h>

namespace {

struct Stuck {
  Stuck() {
    for (;;) ::pause();
  }
};
const Stuck kStuck;

}  // namespace
