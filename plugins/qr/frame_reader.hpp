#pragma once

#include <optional>
#include <variant>

#include "plugins/qr/frame_formats.hpp"

namespace quicket::plugin {

// Frame is one picture of a stream, as it came.
struct Frame {
  enum class Form { kPng, kJpeg, kRaw };
  Form form = Form::kRaw;
  RawFormat raw;    // of kRaw
  OctetView bytes;  // of the whole file, or the pixels of kRaw
};

// FrameReader cuts a stream into pictures: PNG, JPEG, PNM (P4, P5, P6) and Y4M, one after the other, of which each
// tells itself what it is; what lies between them is passed over. A file with one picture is a stream as well. No more
// than one picture, and what was fed last, is held in memory.
class FrameReader {
 public:
  // feed appends bytes. All frames before were taken by next().
  void feed(OctetView bytes);
  // finish says that nothing more comes: a compressed picture that is not whole is given as far as it goes.
  void finish() { finished_ = true; }
  // next takes the next frame, valid until feed() or next(). Nothing when more bytes are needed.
  std::optional<Frame> next();

 private:
  struct Searching {};
  struct Raw {
    RawFormat format;
  };
  using State = std::variant<Searching, PngWalk, JpegWalk, Raw>;

  OctetView rest() const { return OctetView(buffer_).subspan(start_); }
  // search goes to where a picture may begin, and says what it is. False when more bytes are needed.
  bool search();
  std::optional<Frame> take(Frame::Form form, std::size_t size);
  std::optional<Frame> walk_on(Frame::Form form, Walk walk, std::size_t at, bool& more);

  Octets buffer_;
  std::size_t start_ = 0;  // of what was not taken yet
  State state_;
  std::optional<RawFormat> y4m_;  // the frames of the stream that began last
  bool finished_ = false;
};

}  // namespace quicket::plugin
