#include "plugins/qr/frame_reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace quicket::plugin {

namespace {

enum class Kind { kPng, kJpeg, kPnm, kY4mStream, kY4mFrame };

struct Beginning {
  std::string_view bytes;
  Kind kind;
};

constexpr std::array kBeginnings{
    Beginning{"\x89PNG\r\n\x1a\n", Kind::kPng},
    Beginning{"\xff\xd8\xff", Kind::kJpeg},
    Beginning{"P4", Kind::kPnm},
    Beginning{"P5", Kind::kPnm},
    Beginning{"P6", Kind::kPnm},
    Beginning{"YUV4MPEG2 ", Kind::kY4mStream},
    Beginning{"FRAME", Kind::kY4mFrame},
};

// begins: whether `bytes` begin so, as far as both go.
bool begins(OctetView bytes, std::string_view beginning) {
  const std::size_t size = std::min(bytes.size(), beginning.size());
  return std::ranges::equal(bytes.first(size), beginning.substr(0, size),
                            [](std::uint8_t byte, char c) { return byte == static_cast<std::uint8_t>(c); });
}

}  // namespace

void FrameReader::feed(OctetView bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::optional<Frame> FrameReader::next() {
  for (bool more = true; more;) {
    if (std::holds_alternative<Searching>(state_)) {
      more = search();
      continue;
    }
    std::optional<Frame> frame;
    if (auto* const png = std::get_if<PngWalk>(&state_)) {
      const Walk walk = png->go_on(rest());
      frame = walk_on(Frame::Form::kPng, walk, png->at, more);
    } else if (auto* const jpeg = std::get_if<JpegWalk>(&state_)) {
      const Walk walk = jpeg->go_on(rest());
      frame = walk_on(Frame::Form::kJpeg, walk, jpeg->at, more);
    } else {
      const std::size_t size = std::get<Raw>(state_).format.size;
      more = rest().size() >= size;
      if (more) frame = take(Frame::Form::kRaw, size);
    }
    if (frame) return frame;
  }
  return std::nullopt;
}

bool FrameReader::search() {
  for (; start_ < buffer_.size(); ++start_) {
    const OctetView bytes = rest();
    for (const Beginning& one : kBeginnings) {
      if (!begins(bytes, one.bytes) || (one.kind == Kind::kY4mFrame && !y4m_)) continue;
      if (bytes.size() < one.bytes.size()) return false;
      if (one.kind == Kind::kPng) return state_ = PngWalk{}, true;
      if (one.kind == Kind::kJpeg) return state_ = JpegWalk{}, true;
      Header header = one.kind == Kind::kPnm         ? pnm_header(bytes)
                      : one.kind == Kind::kY4mStream ? y4m_stream_header(bytes)
                                                     : y4m_frame_header(bytes);
      if (header.walk == Walk::kMore) return false;
      if (header.walk == Walk::kBroken) break;
      start_ += header.size;
      if (one.kind == Kind::kY4mStream) {
        y4m_ = header.format;
      } else {
        state_ = Raw{one.kind == Kind::kPnm ? header.format : *y4m_};
      }
      return true;
    }
  }
  return false;
}

std::optional<Frame> FrameReader::take(Frame::Form form, std::size_t size) {
  Frame frame{.form = form, .bytes = rest().first(size)};
  if (form == Frame::Form::kRaw) frame.raw = std::get<Raw>(state_).format;
  start_ += size;
  state_ = Searching{};
  return frame;
}

std::optional<Frame> FrameReader::walk_on(Frame::Form form, Walk walk, std::size_t at, bool& more) {
  if (walk == Walk::kWhole) return take(form, at);
  if (walk == Walk::kBroken) {
    start_ += std::min(at, rest().size());  // what was walked through is not searched again
    state_ = Searching{};
    return std::nullopt;
  }
  if (finished_) return take(form, rest().size());
  more = false;
  return std::nullopt;
}

}  // namespace quicket::plugin
