#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quicket::plugin {

// LineReader cuts a stream into lines and holds no more than one line, and what was fed last, in memory.
class LineReader {
 public:
  struct Line {
    std::size_t number = 0;  // from 1
    std::string_view text;   // without its end; valid until feed() or next()
    bool too_long = false;   // longer than allowed: skipped, and `text` is empty
  };

  explicit LineReader(std::size_t max_line) : max_line_(max_line) {}

  // feed appends bytes. All lines before were taken by next().
  void feed(std::string_view bytes);
  // finish says that nothing more comes: what is left is a line without an end.
  void finish() { finished_ = true; }
  // next takes the next line. Nothing when more bytes are needed.
  std::optional<Line> next();

 private:
  std::size_t max_line_;
  std::string buffer_;
  std::size_t start_ = 0;    // of what was not taken yet
  std::size_t scanned_ = 0;  // no line ends before this
  std::size_t number_ = 0;
  bool skipping_ = false;  // in the middle of a line that is too long, and was told of
  bool finished_ = false;
};

}  // namespace quicket::plugin
