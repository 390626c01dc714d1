// The control stream between peers. Input: how to cut it, then the stream from its first byte. Whatever the pieces, the
// reader sees the same HELLO and the same violation; and a HELLO that was read can be written.
#include "core/peer/control.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <tuple>

namespace quicket {
namespace {

struct Heard {
  std::optional<Hello> hello;
  bool violated = false;
};

void hear(ControlReader& reader, ByteView bytes, Heard& heard) {
  if (heard.violated) return;  // the connection is closed
  const auto fed = reader.feed(bytes);
  heard.violated = fed.has_error();
  if (!fed || !*fed) return;
  FUZZ_CHECK(!heard.hello);
  heard.hello = **fed;
}

bool same(const Hello& a, const Hello& b) {
  const auto content = [](const Hello& hello) {
    return std::tie(hello.version, hello.protocols, hello.candidates, hello.pairing_proof);
  };
  return content(a) == content(b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream = byte_view(data + 2, size - 2);
  ControlReader at_once, cut;
  Heard whole, pieces;
  hear(at_once, stream, whole);
  fuzz::in_pieces(stream, static_cast<std::uint32_t>(data[0] << 8 | data[1]),
                  [&](ByteView piece) { hear(cut, piece, pieces); });
  FUZZ_CHECK(whole.violated == pieces.violated);
  if (whole.violated) return 0;
  FUZZ_CHECK(whole.hello.has_value() == pieces.hello.has_value());
  if (!whole.hello) return 0;
  FUZZ_CHECK(same(*whole.hello, *pieces.hello));
  FUZZ_CHECK(whole.hello->protocols.size() <= Hello::kMaxProtocols);
  FUZZ_CHECK(whole.hello->candidates.size() <= Offer::kMaxCandidates);

  ControlReader reader;
  Heard again;
  hear(reader, encode_hello(*whole.hello), again);
  FUZZ_CHECK(again.hello && same(*again.hello, *whole.hello));
  return 0;
}

}  // namespace quicket
