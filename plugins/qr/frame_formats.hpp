#pragma once

#include <cstddef>
#include <optional>

#include <quicket/carrier_plugin.hpp>

// How long pictures of each format are, in a stream that holds one after the other. Any bytes may come; nothing here
// allocates.
namespace quicket::plugin {

constexpr std::size_t kMaxFrame = 64 << 20;   // bytes of one picture as it comes
constexpr std::size_t kMaxPixels = 64 << 20;  // of one picture
constexpr int kMaxSide = 32'768;              // pixels

// Progress of a walk through a picture whose length is not known beforehand.
enum class Walk {
  kMore,   // more bytes are needed
  kWhole,  // the picture ends at the walk's position
  kBroken  // this is no picture, or one that is too large: it was understood up to the walk's position
};

// PngWalk goes from chunk to chunk, JpegWalk from marker to marker. Each is told the same bytes, from the picture's
// first on, and those that came since.
struct PngWalk {
  std::size_t at = 8;  // bytes from the picture's start
  Walk go_on(OctetView bytes);
};
struct JpegWalk {
  std::size_t at = 2;
  bool in_scan = false;  // among compressed bytes, which end with a marker
  Walk go_on(OctetView bytes);
};

// RawFormat says how the pixels of an uncompressed picture lie in memory, and how many bytes it takes.
struct RawFormat {
  enum class Samples {
    kBits,       // one bit a pixel, 1 is black, rows begin with a byte
    kGray,       // of one or two bytes, the higher one first
    kRgb,        // the same
    kLumaPlane,  // of one byte, from 16 to 235 as in video; other planes follow
  };
  Samples samples = Samples::kGray;
  int width = 0, height = 0;  // pixels
  int max_value = 255;        // of a sample
  std::size_t size = 0;       // bytes
};

// Header is what precedes the pixels.
struct Header {
  Walk walk = Walk::kMore;
  std::size_t size = 0;  // bytes, once whole
  RawFormat format;
};

// pnm_header reads the binary formats of Netpbm: P4, P5 and P6.
Header pnm_header(OctetView bytes);
// y4m_stream_header reads the first line of YUV4MPEG2; its `format` is that of each frame.
Header y4m_stream_header(OctetView bytes);
// y4m_frame_header reads the line before each frame. Its `format` stays empty.
Header y4m_frame_header(OctetView bytes);

}  // namespace quicket::plugin
