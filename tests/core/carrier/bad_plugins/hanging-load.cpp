// A plugin that hangs while it is loaded: the loader's lock is never given back.
#include <unistd.h>

#include "good_table.hpp"

namespace {

[[gnu::constructor]] void hang() {
  for (;;) ::pause();
}

}  // namespace

const quicket_carrier* quicket_carrier_v1(uint32_t) { return nullptr; }
