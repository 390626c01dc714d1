#include "plugins/qr/filters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace quicket::plugin {

namespace {

// Share is how much the input's pixels from `first` on count for one pixel of the output, along one side.
struct Share {
  std::size_t first = 0;
  std::vector<float> weights;
};

// shares_of stretches triangles over what each output pixel stands for: linear interpolation where pixels become more,
// averages where they become fewer.
std::vector<Share> shares_of(int from, int to) {
  const double step = static_cast<double>(from) / to, reach = std::max(step, 1.0);
  std::vector<Share> shares(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * step - 0.5;
    const int first = std::max(static_cast<int>(std::ceil(centre - reach)), 0);
    const int last = std::min(static_cast<int>(std::floor(centre + reach)), from - 1);
    Share& share = shares[static_cast<std::size_t>(i)];
    share.first = static_cast<std::size_t>(std::min(first, last));
    double sum = 0;
    for (int j = static_cast<int>(share.first); j <= last; ++j) {
      const double weight = std::max(1 - std::abs(j - centre) / reach, 1e-3);
      share.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : share.weights) weight = static_cast<float>(weight / sum);
  }
  return shares;
}

int side_of(int side, double factor) { return std::max(static_cast<int>(std::lround(side * factor)), 1); }

std::uint8_t clamped(float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

}  // namespace

Picture scaled(const Picture& picture, double factor) {
  Picture result(side_of(picture.width, factor), side_of(picture.height, factor));
  const auto columns = shares_of(picture.width, result.width), rows = shares_of(picture.height, result.height);
  std::vector<float> line(static_cast<std::size_t>(picture.width));
  for (int y = 0; y < result.height; ++y) {
    const Share& above = rows[static_cast<std::size_t>(y)];
    std::ranges::fill(line, 0.0f);
    for (std::size_t j = 0; j < above.weights.size(); ++j) {
      const std::uint8_t* const from = picture.row(static_cast<int>(above.first + j));
      for (std::size_t x = 0; x < line.size(); ++x) line[x] += above.weights[j] * static_cast<float>(from[x]);
    }
    std::uint8_t* const to = result.row(y);
    for (std::size_t x = 0; x < columns.size(); ++x) {
      float value = 0;
      for (std::size_t j = 0; j < columns[x].weights.size(); ++j)
        value += columns[x].weights[j] * line[columns[x].first + j];
      to[x] = clamped(value);
    }
  }
  return result;
}

Picture inverted(const Picture& picture) {
  Picture result = picture;
  for (std::uint8_t& pixel : result.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  return result;
}

Picture sharpened(const Picture& picture, int radius, double amount) {
  const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
  const auto reach = static_cast<std::size_t>(radius);
  Picture result(picture.width, picture.height);
  const auto strength = static_cast<float>(amount);
  std::vector<std::uint32_t> columns(width), sums(width + 1);  // of the rows around, and those from the left on
  for (std::size_t y = 0; y < height + reach; ++y) {
    if (y < height) {
      const std::uint8_t* const entering = picture.row(static_cast<int>(y));
      for (std::size_t x = 0; x < width; ++x) columns[x] += entering[x];
    }
    if (y > 2 * reach) {
      const std::uint8_t* const leaving = picture.row(static_cast<int>(y - 2 * reach - 1));
      for (std::size_t x = 0; x < width; ++x) columns[x] -= leaving[x];
    }
    if (y < reach) continue;
    const std::size_t centre = y - reach;
    const std::size_t rows = std::min(centre + reach + 1, height) - (centre > reach ? centre - reach : 0);
    for (std::size_t x = 0; x < width; ++x) sums[x + 1] = sums[x] + columns[x];
    const std::uint8_t* const from = picture.row(static_cast<int>(centre));
    std::uint8_t* const to = result.row(static_cast<int>(centre));
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t begin = x > reach ? x - reach : 0, end = std::min(x + reach + 1, width);
      const float mean = static_cast<float>(sums[end] - sums[begin]) / static_cast<float>((end - begin) * rows);
      to[x] = clamped(static_cast<float>(from[x]) + strength * (static_cast<float>(from[x]) - mean));
    }
  }
  return result;
}

}  // namespace quicket::plugin
