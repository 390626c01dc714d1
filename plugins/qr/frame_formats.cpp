#include "plugins/qr/frame_formats.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace quicket::plugin {

namespace {

using Samples = RawFormat::Samples;

constexpr std::size_t kMaxHeader = 1'024;  // bytes
constexpr Header kBrokenHeader{.walk = Walk::kBroken};

std::size_t big_endian(OctetView bytes) {
  std::size_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

bool is_letter(std::uint8_t byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; }
bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }
bool is_space(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// number reads decimal digits. Nothing when there are none, something else, or too many.
std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!is_digit(static_cast<std::uint8_t>(c))) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// fits says whether a picture of this size may be read.
bool fits(int width, int height) {
  return width > 0 && height > 0 && width <= kMaxSide && height <= kMaxSide &&
         static_cast<std::size_t>(width) * static_cast<std::size_t>(height) <= kMaxPixels;
}

// sized fills in how many bytes a picture takes whose numbers are known. Broken when that is too much.
Header sized(Header header, std::size_t bytes) {
  if (bytes > kMaxFrame) return kBrokenHeader;
  header.walk = Walk::kWhole;
  header.format.size = bytes;
  return header;
}

// line_end finds the end of a header's line. Broken when the line is too long.
Header line_end(OctetView bytes) {
  const OctetView head = bytes.first(std::min(bytes.size(), kMaxHeader));
  const auto end = std::ranges::find(head, std::uint8_t{'\n'});
  if (end == head.end()) return {.walk = head.size() == kMaxHeader ? Walk::kBroken : Walk::kMore};
  return {.walk = Walk::kWhole, .size = static_cast<std::size_t>(end - head.begin()) + 1};
}

// PnmCursor takes the numbers of a Netpbm header one after the other, with white space and comments between them.
class PnmCursor {
 public:
  explicit PnmCursor(OctetView bytes) : bytes_(bytes.first(std::min(bytes.size(), kMaxHeader))) {}

  std::size_t at() const { return at_; }
  // ended: the bytes, or the longest header, came to an end.
  bool ended() const { return at_ >= bytes_.size(); }
  Walk at_end() const { return bytes_.size() == kMaxHeader ? Walk::kBroken : Walk::kMore; }

  // next takes the space before a number, the number, and one byte of space after it. Check ended() first if nothing.
  std::optional<int> next() {
    bool space = false;
    for (; !ended() && (is_space(bytes_[at_]) || bytes_[at_] == '#'); space = true) {
      if (bytes_[at_] == '#') {
        while (!ended() && bytes_[at_] != '\n') ++at_;
      } else {
        ++at_;
      }
    }
    const std::size_t begin = at_;
    while (!ended() && is_digit(bytes_[at_])) ++at_;
    if (ended() || !space || !(is_space(bytes_[at_]) || bytes_[at_] == '#')) return std::nullopt;
    return number({reinterpret_cast<const char*>(bytes_.data()) + begin, at_ - begin});
  }
  // finish takes the one byte of space before the pixels. False when it is something else.
  bool finish() { return is_space(bytes_[at_++]); }

 private:
  OctetView bytes_;
  std::size_t at_ = 2;
};

// chroma_of gives the bytes of the planes after the luma plane of a Y4M frame. Nothing when the format is not read.
std::optional<std::size_t> chroma_of(std::string_view name, std::size_t width, std::size_t height) {
  const std::size_t half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  if (name == "420" || name == "420jpeg" || name == "420mpeg2" || name == "420paldv")
    return 2 * half_width * half_height;
  if (name == "422") return 2 * half_width * height;
  if (name == "444") return 2 * width * height;
  if (name == "444alpha") return 3 * width * height;
  if (name == "411") return 2 * ((width + 3) / 4) * height;
  if (name == "mono") return 0;
  return std::nullopt;
}

}  // namespace

Walk PngWalk::go_on(OctetView bytes) {
  constexpr std::size_t kChunkFrame = 12;  // length, type and checksum
  while (bytes.size() >= at + 8) {
    const std::size_t length = big_endian(bytes.subspan(at, 4));
    const OctetView type = bytes.subspan(at + 4, 4);
    if (!std::ranges::all_of(type, is_letter) || length > kMaxFrame || at + length + kChunkFrame > kMaxFrame) {
      return Walk::kBroken;
    }
    if (bytes.size() < at + length + kChunkFrame) return Walk::kMore;
    at += length + kChunkFrame;
    if (std::ranges::equal(type, std::string_view("IEND"))) return Walk::kWhole;
  }
  return Walk::kMore;
}

Walk JpegWalk::go_on(OctetView bytes) {
  constexpr std::uint8_t kStart = 0xd8, kEnd = 0xd9, kScan = 0xda, kTemporary = 0x01;
  const auto is_restart = [](std::uint8_t marker) { return marker >= 0xd0 && marker <= 0xd7; };
  for (;;) {
    if (at + 2 > kMaxFrame) return Walk::kBroken;
    if (in_scan) {
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at, bytes.size()));
      at = static_cast<std::size_t>(std::find(from, bytes.end(), std::uint8_t{0xff}) - bytes.begin());
    }
    if (bytes.size() < at + 2) return at + 2 > kMaxFrame ? Walk::kBroken : Walk::kMore;
    const std::uint8_t marker = bytes[at + 1];
    if (in_scan && (marker == 0 || is_restart(marker))) {
      at += 2;
      continue;
    }
    if (bytes[at] != 0xff || marker == 0 || marker == kStart) return Walk::kBroken;
    in_scan = false;
    if (marker == 0xff) {  // filling
      ++at;
    } else if (marker == kEnd) {
      at += 2;
      return Walk::kWhole;
    } else if (is_restart(marker) || marker == kTemporary) {
      at += 2;
    } else {
      if (bytes.size() < at + 4) return Walk::kMore;
      const std::size_t length = big_endian(bytes.subspan(at + 2, 2));
      if (length < 2) return Walk::kBroken;
      if (bytes.size() < at + 2 + length) return Walk::kMore;
      at += 2 + length;
      in_scan = marker == kScan;
    }
  }
}

Header pnm_header(OctetView bytes) {
  if (bytes.size() < 2) return {};
  const std::uint8_t kind = bytes[1];
  if (bytes[0] != 'P' || kind < '4' || kind > '6') return kBrokenHeader;
  PnmCursor cursor(bytes);
  int numbers[3] = {0, 0, 1};
  for (int i = 0; i < (kind == '4' ? 2 : 3); ++i) {
    const auto found = cursor.next();
    if (cursor.ended()) return {.walk = cursor.at_end()};
    if (!found) return kBrokenHeader;
    numbers[i] = *found;
  }
  if (!cursor.finish() || !fits(numbers[0], numbers[1]) || numbers[2] < 1 || numbers[2] > 65'535) return kBrokenHeader;
  Header header{.size = cursor.at(), .format = {.width = numbers[0], .height = numbers[1], .max_value = numbers[2]}};
  const auto width = static_cast<std::size_t>(numbers[0]), height = static_cast<std::size_t>(numbers[1]);
  const std::size_t sample = numbers[2] > 255 ? 2 : 1;
  if (kind == '4') {
    header.format.samples = Samples::kBits;
    return sized(header, (width + 7) / 8 * height);
  }
  header.format.samples = kind == '5' ? Samples::kGray : Samples::kRgb;
  return sized(header, width * height * sample * (kind == '5' ? 1 : 3));
}

Header y4m_stream_header(OctetView bytes) {
  Header header = line_end(bytes);
  if (header.walk != Walk::kWhole) return header;
  std::string_view line(reinterpret_cast<const char*>(bytes.data()), header.size - 1);
  std::string_view colours = "420";
  for (bool first = true; !line.empty(); first = false) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    if (first || word.empty()) continue;
    const std::string_view value = word.substr(1);
    if (word[0] == 'W') header.format.width = number(value).value_or(0);
    if (word[0] == 'H') header.format.height = number(value).value_or(0);
    if (word[0] == 'C') colours = value;
  }
  if (!fits(header.format.width, header.format.height)) return kBrokenHeader;
  const auto width = static_cast<std::size_t>(header.format.width),
             height = static_cast<std::size_t>(header.format.height);
  const auto chroma = chroma_of(colours, width, height);
  if (!chroma) return kBrokenHeader;
  header.format.samples = Samples::kLumaPlane;
  return sized(header, width * height + *chroma);
}

Header y4m_frame_header(OctetView bytes) { return line_end(bytes); }

}  // namespace quicket::plugin
