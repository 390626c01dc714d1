#pragma once

#include <cstddef>

namespace quicket::plugin {

// share_read makes `count` bad pictures of codes for offers of so many bytes, of each kind as many: in perspective,
// rotated, blurred, noisy, compressed, small, inverted, pale, with two codes, and a bit of all. It gives the share of
// them in which all codes were read, from 0 to 1, and prints seeds and figures.
double share_read(std::size_t offer_size, int count);

}  // namespace quicket::plugin
