#include "plugins/stdio/line_reader.hpp"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace quicket::plugin {
namespace {

using testing::ElementsAre;

constexpr std::size_t kMax = 8;

// lines feeds `text` in pieces of `piece` bytes and writes each line as NUMBER:TEXT, with "!" for one that is too long.
std::vector<std::string> lines(std::string_view text, std::size_t piece) {
  LineReader reader(kMax);
  std::vector<std::string> result;
  const auto take = [&] {
    while (const auto line = reader.next()) {
      result.push_back(std::to_string(line->number) + ":" + (line->too_long ? "!" : std::string(line->text)));
    }
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
    take();
  }
  reader.finish();
  take();
  return result;
}

TEST(LineReader, CutsAtEachLineEndHoweverTheBytesCome) {
  for (std::size_t piece = 1; piece < 20; ++piece) {
    EXPECT_THAT(lines("one\n\ntwo\nthree", piece), ElementsAre("1:one", "2:", "3:two", "4:three")) << piece;
  }
}

TEST(LineReader, HasNoLineAfterTheLastEnd) { EXPECT_THAT(lines("one\n", 4), ElementsAre("1:one")); }

TEST(LineReader, TakesALineOfTheLargestSize) {
  EXPECT_THAT(lines("12345678\nx\n", 3), ElementsAre("1:12345678", "2:x"));
}

TEST(LineReader, SkipsALineThatIsTooLongAndTellsOnce) {
  for (std::size_t piece = 1; piece < 50; ++piece) {
    EXPECT_THAT(lines("a\n" + std::string(40, 'x') + "\nb\n", piece), ElementsAre("1:a", "2:!", "3:b")) << piece;
    EXPECT_THAT(lines(std::string(40, 'x'), piece), ElementsAre("1:!")) << piece;
    EXPECT_THAT(lines("123456789\n\n", piece), ElementsAre("1:!", "2:")) << piece;
  }
}

TEST(LineReader, AgreesWithItselfOverAllCuts) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 60, 'x');
    for (char& c : text) {
      if (random() % 6 == 0) c = '\n';
    }
    ASSERT_EQ(lines(text, 1 + random() % 20), lines(text, 1'000)) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace quicket::plugin
