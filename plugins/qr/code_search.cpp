#include "plugins/qr/code_search.hpp"

#include <algorithm>
#include <array>

#include "plugins/qr/filters.hpp"
#include "plugins/qr/zxing.hpp"

namespace quicket::plugin {

namespace {

struct Manner {
  double factor = 1;  // of the picture's size
  int radius = 0;     // of what it is sharpened by, pixels; 0: it is not
  double amount = 0;
  bool inverted = false;
};

// Those first that found most of what the ones before did not, as measured on bad pictures (tests/plugins/qr).
constexpr double kHalf = 0.5, kThird = 1.0 / 3, kSome = 0.7;
constexpr std::array kManners{
    Manner{1},
    Manner{.inverted = true},
    Manner{kHalf, 4, 2.5},
    Manner{2},
    Manner{1, 2, 1.5},
    Manner{kSome, 4, 2.5},
    Manner{kHalf},
    Manner{1, 4, 2.5},
    Manner{kHalf, 2, 1.5},
    Manner{kHalf, 4, 2.5, true},
    Manner{2, 0, 0, true},
    Manner{kSome, 2, 1.5},
    Manner{2, 4, 2.5},
    Manner{kThird, 4, 2.5},
    Manner{kHalf, 0, 0, true},
    Manner{kSome, 4, 2.5, true},
    Manner{kThird},
    Manner{1, 1, 2},
    Manner{kSome},
    Manner{kSome, 1, 2},
    Manner{2, 2, 1.5},
};

constexpr std::size_t kMostPixels = 8 << 20;  // that a picture is searched in, or enlarged to
constexpr int kLeastSide = 40;                // pixels: half of what the smallest code for an offer takes

}  // namespace

std::size_t CodeSearch::manners() { return kManners.size(); }

std::vector<std::string> CodeSearch::search(std::size_t number) {
  const Manner& manner = kManners[number];
  const double pixels = static_cast<double>(picture_.area()) * manner.factor * manner.factor;
  const double side = std::min(picture_.width, picture_.height) * manner.factor;
  if (pixels > static_cast<double>(kMostPixels) || (manner.factor < 1 && side < kLeastSide)) return {};
  const Picture* searched = &in_size(manner.factor);
  Picture other;
  if (manner.radius > 0) searched = &(other = sharpened(*searched, manner.radius, manner.amount));
  if (manner.inverted) searched = &(other = inverted(*searched));
  std::vector<std::string> codes = read_codes(*searched, Threshold::kLocal);
  for (std::string& code : read_codes(*searched, Threshold::kGlobal)) {
    if (std::ranges::find(codes, code) == codes.end()) codes.push_back(std::move(code));
  }
  return codes;
}

const Picture& CodeSearch::in_size(double factor) {
  if (factor == 1) return picture_;
  const auto [found, is_new] = sizes_.try_emplace(factor);
  if (is_new) found->second = scaled(picture_, factor);
  return found->second;
}

}  // namespace quicket::plugin
