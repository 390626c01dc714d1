// A file with a picture, as the QR carrier gets it: what the libraries make of it, and the search for codes in it. What
// is decoded has the size that it says, within bounds; what is not has a reason; codes are of bounded length.
#include "plugins/qr/code_search.hpp"
#include "plugins/qr/frame_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>

namespace quicket::plugin {
namespace {

constexpr std::size_t kMostSearched = 1 << 15;  // pixels: in larger ones nothing else happens, only more slowly
constexpr std::size_t kLongestCode = 8192;      // bytes; a version 40 code holds 2953

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FrameReader reader;
  reader.feed({data, size});
  reader.finish();
  const auto frame = reader.next();
  if (!frame) return 0;
  const Decoded decoded = decode(*frame);
  FUZZ_CHECK(decoded.picture.has_value() == decoded.problem.empty());
  if (!decoded.picture) return 0;
  const Picture& picture = *decoded.picture;
  FUZZ_CHECK(picture.width > 0 && picture.height > 0);
  FUZZ_CHECK(picture.area() <= kMaxPixels && picture.pixels.size() == picture.area());
  if (picture.area() > kMostSearched) return 0;
  CodeSearch search(picture);
  for (std::size_t manner = 0; manner < CodeSearch::manners(); ++manner) {
    for (const std::string& code : search.search(manner)) FUZZ_CHECK(code.size() <= kLongestCode);
  }
  return 0;
}

}  // namespace quicket::plugin
