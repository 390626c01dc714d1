#include "tests/plugins/qr/bad_pictures.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <random>

#include "plugins/qr/code_search.hpp"
#include "tests/plugins/qr/photograph.hpp"

namespace quicket::plugin {
namespace {

constexpr std::uint32_t kSeed = 20'240'513;

// Kind is one way for a picture to be bad. The last one is a bit of everything, as by hand.
enum class Kind {
  kPerspective,
  kRotation,
  kBlur,
  kNoise,
  kJpeg,
  kLowResolution,
  kInverted,
  kContrast,
  kTwoCodes,
  kByHand
};
constexpr const char* kKinds[] = {"perspective",    "rotation", "blur",     "noise",     "JPEG",
                                  "low resolution", "inverted", "contrast", "two codes", "by hand"};
constexpr int kKindCount = 10;

double uniform(std::mt19937& random, double least, double most) {
  return least + (most - least) * static_cast<double>(random()) / 4'294'967'296.0;
}

Distortion distortion_of(Kind kind, std::mt19937& random) {
  Distortion one{.pixels = uniform(random, 3, 8), .blur = uniform(random, 0, 0.2), .noise = uniform(random, 0, 6)};
  switch (kind) {
    case Kind::kPerspective:
      one.perspective = uniform(random, 0.04, 0.1);
      break;
    case Kind::kRotation:
      one.rotation = uniform(random, 1, 359);
      break;
    case Kind::kBlur:
      one.blur = uniform(random, 0.3, 0.45);
      one.pixels = uniform(random, 4, 12);
      break;
    case Kind::kNoise:
      one.noise = uniform(random, 15, 35);
      break;
    case Kind::kJpeg:
      one.jpeg_quality = static_cast<int>(uniform(random, 8, 40));
      break;
    case Kind::kLowResolution:
      one.pixels = uniform(random, 1.8, 2.5);
      one.blur = 0.1;
      break;
    case Kind::kInverted:
      one.inverted = true;
      one.rotation = uniform(random, -20, 20);
      break;
    case Kind::kContrast:
      one.contrast = uniform(random, 0.12, 0.3);
      one.noise = uniform(random, 0, 3);
      break;
    case Kind::kTwoCodes:
      one.rotation = uniform(random, -10, 10);
      break;
    case Kind::kByHand:
      one = {.pixels = uniform(random, 4, 12),
             .rotation = uniform(random, -8, 8),
             .perspective = uniform(random, 0.01, 0.05),
             .blur = uniform(random, 0.25, 0.35),
             .contrast = uniform(random, 0.4, 0.8),
             .noise = uniform(random, 2, 8),
             .jpeg_quality = 60};
      break;
  }
  return one;
}

std::string random_text(std::size_t offer_size, std::mt19937& random) {
  std::string text = "QUICKET:/";
  const std::size_t digits = (offer_size / 7) * 17 + (offer_size % 7 * 5 + 1) / 2;  // about; any number of them will do
  for (std::size_t i = 0; i < digits; ++i) text += static_cast<char>('0' + random() % 10);
  return text;
}

// read_all searches until each text was found. Gives how many manners it took; nothing when they did not do.
std::optional<std::size_t> read_all(const Picture& picture, std::vector<std::string> texts) {
  CodeSearch search(picture);
  for (std::size_t manner = 0; manner < CodeSearch::manners(); ++manner) {
    for (const std::string& found : search.search(manner)) std::erase(texts, found);
    if (texts.empty()) return manner + 1;
  }
  return std::nullopt;
}

}  // namespace

double share_read(std::size_t offer_size, int count) {
  std::cout << "seed " << kSeed << '\n';
  std::vector<int> made(kKindCount), read(kKindCount);
  std::vector<std::size_t> took(CodeSearch::manners() + 1);
  for (int i = 0; i < count; ++i) {
    const auto seed = kSeed + static_cast<std::uint32_t>(i);
    std::mt19937 random(seed);
    const auto kind = static_cast<Kind>(i % kKindCount);
    const Distortion distortion = distortion_of(kind, random);
    std::vector<std::string> texts(kind == Kind::kTwoCodes ? 2 : 1);
    std::vector<Symbol> symbols;
    for (std::string& text : texts) symbols.push_back(Symbol::encode(text = random_text(offer_size, random)).value());
    ++made[static_cast<std::size_t>(kind)];
    if (const auto manners = read_all(photograph(symbols, distortion, seed), texts)) {
      ++read[static_cast<std::size_t>(kind)];
      ++took[*manners];
    } else {
      std::cout << "not read: seed " << seed << ", " << kKinds[i % kKindCount] << ": " << distortion.describe() << '\n';
    }
  }
  int all = 0;
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    all += read[kind];
    std::cout << kKinds[kind] << ' ' << read[kind] << '/' << made[kind] << ", ";
  }
  std::cout << "all " << all << '/' << count << "; manners needed:";
  for (std::size_t i = 0; i < took.size(); ++i) {
    if (took[i] > 0) std::cout << ' ' << i << " (" << took[i] << ")";
  }
  std::cout << '\n';
  return static_cast<double>(all) / count;
}

}  // namespace quicket::plugin
