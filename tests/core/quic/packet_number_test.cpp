#include "core/quic/packet_number.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::quic {
namespace {

// The example of RFC 9000 appendix A.3.
TEST(PacketNumber, IsReadAsInTheExample) { EXPECT_EQ(decode_packet_number(0xa82f'30ea + 1, 0x9b32, 16), 0xa82f'9b32u); }

TEST(PacketNumber, IsTheNearestToTheExpectedOne) {
  EXPECT_EQ(decode_packet_number(0, 0xff, 8), 0xffu);  // nothing lies below zero
  EXPECT_EQ(decode_packet_number(0x100, 0xff, 8), 0xffu);
  EXPECT_EQ(decode_packet_number(0x1ff, 0x00, 8), 0x200u);
  EXPECT_EQ(decode_packet_number(0x200, 0x80, 8), 0x280u);
  EXPECT_EQ(decode_packet_number(0x200, 0x81, 8), 0x181u);
}

TEST(PacketNumber, SurvivesTruncationWithinHalfAWindow) {
  for (const unsigned bits : {8u, 16u, 24u, 32u}) {
    const std::uint64_t window = std::uint64_t{1} << bits;
    for (std::uint64_t number = 0; number < 3 * window; number += std::max<std::uint64_t>(window / 100, 1)) {
      for (const std::uint64_t expected : {number, number + window / 2 - 1, number - std::min(number, window / 2)})
        ASSERT_EQ(decode_packet_number(expected, number % window, bits), number) << bits << ' ' << expected;
    }
  }
}

}  // namespace
}  // namespace quicket::quic
