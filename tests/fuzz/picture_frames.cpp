// What the QR carrier reads of a stream of pictures, before libraries do: where frames begin and end, and pixels that
// are not compressed. Input: how to cut the stream, the stream. Whatever the pieces, the frames are the same; each is a
// piece of the stream, none overlap, and an uncompressed one has as many bytes as its header says.
#include "plugins/qr/frame_reader.hpp"
#include "plugins/qr/picture.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

namespace quicket::plugin {
namespace {

constexpr std::size_t kMostPixels = 1 << 16;  // that are decoded here

struct Found {
  Frame::Form form;
  int width, height;
  Octets bytes;
  friend bool operator==(const Found&, const Found&) = default;
};

void check_raw(const Frame& frame) {
  FUZZ_CHECK(frame.bytes.size() == frame.raw.size && frame.raw.size <= kMaxFrame);
  const auto width = static_cast<std::size_t>(frame.raw.width), height = static_cast<std::size_t>(frame.raw.height);
  FUZZ_CHECK(width > 0 && height > 0 && width * height <= kMaxPixels);
  if (width * height > kMostPixels) return;
  const Decoded decoded = decode(frame);
  FUZZ_CHECK(decoded.picture && decoded.picture->pixels.size() == width * height);
}

void take_frames(FrameReader& reader, std::vector<Found>& found) {
  while (const auto frame = reader.next()) {
    if (frame->form == Frame::Form::kRaw) check_raw(*frame);
    found.push_back({frame->form, frame->raw.width, frame->raw.height, {frame->bytes.begin(), frame->bytes.end()}});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const OctetView stream(data + 2, size - 2);
  std::vector<Found> whole, in_pieces;
  FrameReader reader, cut;
  reader.feed(stream);
  take_frames(reader, whole);
  reader.finish();
  take_frames(reader, whole);

  fuzz::in_pieces(byte_view(stream.data(), stream.size()), static_cast<std::uint32_t>(data[0] << 8 | data[1]),
                  [&](ByteView piece) {
                    cut.feed({octets(piece), piece.size()});
                    take_frames(cut, in_pieces);
                  });
  cut.finish();
  take_frames(cut, in_pieces);
  FUZZ_CHECK(whole == in_pieces);

  auto at = stream.begin();
  for (const Found& one : whole) {
    const auto place = std::search(at, stream.end(), one.bytes.begin(), one.bytes.end());
    FUZZ_CHECK(place != stream.end());
    at = place + static_cast<std::ptrdiff_t>(one.bytes.size());
  }
  return 0;
}

}  // namespace quicket::plugin
