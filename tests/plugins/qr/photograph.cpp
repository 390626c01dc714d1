#include "tests/plugins/qr/photograph.hpp"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace quicket::plugin {

namespace {

constexpr double kMargin = 4, kPaper = 3;  // modules: the quiet zone, and the paper around it

struct Point {
  double x = 0, y = 0;
};

// Projection maps a quadrangle of the picture onto the unit square.
class Projection {
 public:
  explicit Projection(const std::array<Point, 4>& corners) {  // of (0, 0), (1, 0), (1, 1) and (0, 1)
    const auto& [a, b, c, d] = corners;
    const Point skew{a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y}, right{b.x - c.x, b.y - c.y},
        down{d.x - c.x, d.y - c.y};
    const double area = right.x * down.y - down.x * right.y;
    const double g = (skew.x * down.y - down.x * skew.y) / area, h = (right.x * skew.y - skew.x * right.y) / area;
    const double m[9] = {
        b.x - a.x + g * b.x, d.x - a.x + h * d.x, a.x, b.y - a.y + g * b.y, d.y - a.y + h * d.y, a.y, g, h, 1};
    inverse_ = {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
                m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
                m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
  }
  Point operator()(Point at) const {
    const auto& i = inverse_;
    const double w = i[6] * at.x + i[7] * at.y + i[8];
    return {(i[0] * at.x + i[1] * at.y + i[2]) / w, (i[3] * at.x + i[4] * at.y + i[5]) / w};
  }

 private:
  std::array<double, 9> inverse_{};
};

// Sheet is one symbol on its paper, as it lies in the picture.
struct Sheet {
  const Symbol* symbol;
  double side;  // modules, with margin and paper
  Projection projection;

  // light gives 0 to 1, or nothing beside the paper.
  std::optional<double> light(Point at) const {
    const Point there = projection(at);
    if (there.x < 0 || there.y < 0 || there.x >= 1 || there.y >= 1) return std::nullopt;
    const auto module = [this](double share) { return static_cast<int>(std::floor(share * side - kMargin - kPaper)); };
    return symbol->is_dark(module(there.x), module(there.y)) ? 0.0 : 1.0;
  }
};

double uniform(std::mt19937& random, double least, double most) {
  return least + (most - least) * static_cast<double>(random()) / 4'294'967'296.0;
}

Sheet lay(const Symbol& symbol, double left, double extent, const Distortion& distortion, std::mt19937& random) {
  const double modules = symbol.size() + 2 * (kMargin + kPaper), side = modules * distortion.pixels;
  const double angle = distortion.rotation * std::numbers::pi / 180;
  std::array<Point, 4> corners;
  for (int i = 0; i < 4; ++i) {
    const double x = (i == 1 || i == 2 ? 0.5 : -0.5) * side, y = (i >= 2 ? 0.5 : -0.5) * side;
    const double shift = distortion.perspective * side;
    corners[static_cast<std::size_t>(i)] = {
        left + extent / 2 + x * std::cos(angle) - y * std::sin(angle) + uniform(random, -shift, shift),
        extent / 2 + x * std::sin(angle) + y * std::cos(angle) + uniform(random, -shift, shift)};
  }
  return {&symbol, modules, Projection(corners)};
}

void blur(std::vector<float>& light, std::size_t width, std::size_t height, double deviation) {
  const int reach = static_cast<int>(std::ceil(3 * deviation));
  if (reach == 0) return;
  std::vector<float> weights;
  float sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    weights.push_back(static_cast<float>(std::exp(-i * i / (2 * deviation * deviation))));
    sum += weights.back();
  }
  const auto pass = [&](std::size_t lines, std::size_t count, std::size_t line_step, std::size_t step) {
    std::vector<float> line(count);
    for (std::size_t l = 0; l < lines; ++l) {
      for (std::size_t i = 0; i < count; ++i) line[i] = light[l * line_step + i * step];
      for (std::size_t i = 0; i < count; ++i) {
        float value = 0;
        for (int j = -reach; j <= reach; ++j) {
          const auto near =
              std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(i) + j, 0, static_cast<std::ptrdiff_t>(count) - 1);
          value += weights[static_cast<std::size_t>(j + reach)] * line[static_cast<std::size_t>(near)];
        }
        light[l * line_step + i * step] = value / sum;
      }
    }
  };
  pass(height, width, width, 1);
  pass(width, height, 1, width);
}

}  // namespace

std::string Distortion::describe() const {
  std::ostringstream text;
  text << pixels << " px a module, rotation " << rotation << ", perspective " << perspective << ", blur " << blur
       << ", contrast " << contrast << ", noise " << noise << ", JPEG " << jpeg_quality
       << (inverted ? ", inverted" : "");
  return text.str();
}

Picture photograph(std::span<const Symbol> symbols, const Distortion& distortion, std::uint32_t seed) {
  constexpr int kSamples = 2;  // a pixel and side
  constexpr double kSurroundings = 0.45;
  std::mt19937 random(seed);
  double extent = 0;  // pixels, for each sheet
  for (const Symbol& symbol : symbols) {
    const double side = (symbol.size() + 2 * (kMargin + kPaper)) * distortion.pixels;
    extent = std::max(extent, side * (1.05 + 2 * distortion.perspective + (distortion.rotation == 0 ? 0 : 0.4)));
  }
  std::vector<Sheet> sheets;
  for (const Symbol& symbol : symbols) {
    sheets.push_back(lay(symbol, extent * static_cast<double>(sheets.size()), extent, distortion, random));
  }

  Picture picture(static_cast<int>(extent * static_cast<double>(symbols.size())), static_cast<int>(extent));
  std::vector<float> light(picture.area());
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      double sum = 0;
      for (int i = 0; i < kSamples * kSamples; ++i) {
        const Point at{x + (i % kSamples + 0.5) / kSamples, y + (i / kSamples + 0.5) / kSamples};
        std::optional<double> found;
        for (const Sheet& sheet : sheets) {
          if (!found) found = sheet.light(at);
        }
        sum += found.value_or(kSurroundings);
      }
      light[static_cast<std::size_t>(y * picture.width + x)] = static_cast<float>(sum / (kSamples * kSamples));
    }
  }
  blur(light, static_cast<std::size_t>(picture.width), static_cast<std::size_t>(picture.height),
       distortion.blur * distortion.pixels);

  std::normal_distribution<double> noise(0, std::max(distortion.noise, 1e-9));
  for (std::size_t i = 0; i < light.size(); ++i) {
    const double shade = 0.5 + (light[i] - 0.5) * distortion.contrast * (distortion.inverted ? -1 : 1);
    picture.pixels[i] = static_cast<std::uint8_t>(std::clamp(shade * 255 + noise(random), 0.0, 255.0));
  }
  if (distortion.jpeg_quality == 0) return picture;
  const Octets file = jpeg_of(picture, distortion.jpeg_quality);
  return decode({.form = Frame::Form::kJpeg, .bytes = file}).picture.value();
}

Octets jpeg_of(const Picture& picture, int quality) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int done = tjCompress2(encoder.get(), picture.pixels.data(), picture.width, 0, picture.height, TJPF_GRAY,
                               &bytes, &size, TJSAMP_GRAY, quality, 0);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> freed(bytes, &tjFree);
  if (done != 0) throw std::runtime_error(tjGetErrorStr2(encoder.get()));
  return {bytes, bytes + size};
}

Octets png_of(const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_GRAY;
  Octets file(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&image, file.data(), &size, 0, picture.pixels.data(), 0, nullptr) == 0) {
    throw std::runtime_error(image.message);
  }
  file.resize(size);
  return file;
}

}  // namespace quicket::plugin
