#include "plugins/stdio/line_reader.hpp"

namespace quicket::plugin {

void LineReader::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  buffer_.append(bytes);
}

std::optional<LineReader::Line> LineReader::next() {
  for (;;) {
    const std::size_t found = buffer_.find('\n', scanned_);
    const bool ended = found != std::string::npos;
    const std::size_t end = ended ? found : buffer_.size();
    const std::size_t begin = start_;
    const bool last = !ended && finished_ && begin < end;
    const bool too_long = end - begin > max_line_;
    if (!ended && !last && !too_long && !skipping_) {
      scanned_ = end;
      return std::nullopt;
    }
    start_ = scanned_ = ended ? end + 1 : end;
    const bool told = skipping_;
    skipping_ = !ended && (told || too_long);
    if (told) {
      if (ended) continue;
      return std::nullopt;
    }
    Line line{.number = ++number_, .too_long = too_long};
    if (!too_long) line.text = std::string_view(buffer_).substr(begin, end - begin);
    return line;
  }
}

}  // namespace quicket::plugin
