#pragma once

#include <quicket/bytes.hpp>

#include <algorithm>
#include <cstdint>

namespace quicket::fuzz {

// fail reports a property that does not hold: under libFuzzer it ends the process, so that the input is kept; in the
// replay of seeds it throws.
[[noreturn]] void fail(const char* file, int line, const char* property);

// in_pieces cuts `bytes` and gives one piece after the other to `visit`, in memory of its own size, so that
// AddressSanitizer sees a read beyond it. `seed` decides where to cut; some pieces are empty, most are short.
template <class Visit>
void in_pieces(ByteView bytes, std::uint32_t seed, Visit visit) {
  std::uint32_t random = seed * 2'654'435'761u + 1;
  while (!bytes.empty()) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;  // xorshift
    const std::size_t longest = (random >> 8) % 8 == 0 ? 1024 : 12;
    const Bytes piece = to_bytes(bytes.first(std::min<std::size_t>((random >> 16) % longest, bytes.size())));
    bytes = bytes.subspan(piece.size());
    visit(ByteView(piece));
  }
}

}  // namespace quicket::fuzz

// FUZZ_CHECK states a property of the target.
#define FUZZ_CHECK(property) ((property) ? void() : ::quicket::fuzz::fail(__FILE__, __LINE__, #property))
