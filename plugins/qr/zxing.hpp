#pragma once

#include <string>
#include <vector>

#include "plugins/qr/picture.hpp"

namespace quicket::plugin {

// Threshold is how a picture is made black and white: by each place's surroundings, or by the whole picture.
enum class Threshold { kLocal, kGlobal };

// read_codes gives what the QR codes in a picture hold, dark on light ones only. It hides which version of ZXing-C++
// reads them.
std::vector<std::string> read_codes(const Picture& picture, Threshold threshold);

}  // namespace quicket::plugin
