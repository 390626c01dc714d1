// What the stdio carrier reads: lines, of which some are offers. Input: how to cut the stream, the longest line, the
// stream. Whatever the pieces, the lines are those that a search for newlines finds, and each offer prints back.
#include "plugins/stdio/line_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <quicket/offer.hpp>

#include <compare>
#include <string>
#include <vector>

namespace quicket::plugin {
namespace {

struct Line {
  std::size_t number;
  std::string text;
  bool too_long;
  friend bool operator==(const Line&, const Line&) = default;
};

void take_lines(LineReader& reader, std::vector<Line>& lines) {
  while (const auto line = reader.next()) lines.push_back({line->number, std::string(line->text), line->too_long});
}

std::vector<Line> split(std::string_view text, std::size_t longest) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool too_long = line.size() > longest;
    lines.push_back({lines.size() + 1, std::string(too_long ? std::string_view() : line), too_long});
  }
  return lines;
}

void check_offer(const std::string& line) {
  const auto offer = offer_from_text(line);
  if (!offer) return;
  FUZZ_CHECK(offer_kind(*offer).has_value() && offer->size() <= line.size());
  FUZZ_CHECK(offer_from_text(offer_to_json(*offer)) == *offer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const ByteView stream = byte_view(data + 4, size - 4);
  const auto longest = static_cast<std::size_t>(data[2] << 8 | data[3]);
  LineReader reader(longest);
  std::vector<Line> lines;
  fuzz::in_pieces(stream, static_cast<std::uint32_t>(data[0] << 8 | data[1]), [&](ByteView piece) {
    reader.feed(as_text(piece));
    take_lines(reader, lines);
  });
  reader.finish();
  take_lines(reader, lines);
  FUZZ_CHECK(lines == split(as_text(stream), longest));
  for (const Line& line : lines) check_offer(line.text);
  return 0;
}

}  // namespace quicket::plugin
