#pragma once

#include "plugins/qr/picture.hpp"

// What makes codes in bad pictures readable.
namespace quicket::plugin {

// scaled gives the picture in another size, `factor` from 0.1 to 4: pixels that become fewer are averaged.
Picture scaled(const Picture& picture, double factor);
Picture inverted(const Picture& picture);
// sharpened takes away blur of about `radius` pixels: it adds `amount` times what a blurred copy lacks.
Picture sharpened(const Picture& picture, int radius, double amount);

}  // namespace quicket::plugin
