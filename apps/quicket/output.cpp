#include "apps/quicket/output.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace quicket::cli {

namespace {

constexpr std::size_t kLabelWidth = 8;    // columns
constexpr std::size_t kStatusWidth = 79;  // columns of the line that moves: narrower terminals would wrap it
constexpr std::string_view kBold = "\x1b[1m", kRed = "\x1b[1;31m", kYellow = "\x1b[1;33m", kPlain = "\x1b[0m";
constexpr std::string_view kErase = "\r\x1b[K";

// columns counts the characters of UTF-8 text.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  const std::size_t size = columns(text);
  result.append(size < width ? width - size : 1, ' ');
  return result;
}

}  // namespace

Output::Output(std::ostream& results, std::ostream& messages, Manner manner)
    : results_(results), messages_(messages), manner_(manner) {}

Output::~Output() { clear_status(); }

void Output::result(std::string_view text, const boost::json::object& facts) {
  const std::lock_guard lock(mutex_);
  erase_status();
  if (manner_.json) {
    results_ << boost::json::serialize(facts) << '\n';
  } else {
    results_ << text << '\n';
  }
}

void Output::tell(std::string_view event, std::string_view label, std::string_view text,
                  const boost::json::object& facts) {
  if (manner_.quiet) return;
  const std::lock_guard lock(mutex_);
  if (manner_.json) return write_json(event, facts);
  write_line(padded(label, kLabelWidth), kBold, text);
}

void Output::warn(std::string_view text) {
  if (manner_.quiet) return;
  const std::lock_guard lock(mutex_);
  if (manner_.json) return write_json("warning", {{"message", text}});
  write_line("warning: ", kYellow, text);
}

void Output::fail(const Problem& problem) {
  const std::lock_guard lock(mutex_);
  const bool by_signal =
      problem.exit == Exit::kHungUp || problem.exit == Exit::kInterrupted || problem.exit == Exit::kTerminated;
  if (manner_.json) {
    return write_json(by_signal ? "cancelled" : "error",
                      {{"message", problem.message}, {"exit", static_cast<int>(problem.exit)}});
  }
  write_line(by_signal ? "" : "error: ", kRed, problem.message);
}

void Output::show_status(std::string_view text, std::string_view right) {
  if (!manner_.moving || manner_.quiet || manner_.json) return;
  const std::lock_guard lock(mutex_);
  const std::size_t size = columns(text) + columns(right);
  std::string line = "\r" + std::string(text);
  line.append(size < kStatusWidth ? kStatusWidth - size : 1, ' ').append(right).append("\x1b[K");
  messages_ << line << std::flush;
  status_shown_ = true;
}

void Output::clear_status() {
  const std::lock_guard lock(mutex_);
  erase_status();
  messages_.flush();
}

Checked<> Output::finish() {
  const std::lock_guard lock(mutex_);
  erase_status();
  messages_.flush();
  results_.flush();
  if (!results_) return Problem{Exit::kInputOutput, "standard output: the result could not be written"};
  return {};
}

void Output::write_line(std::string_view label, std::string_view style, std::string_view text) {
  std::string line;
  if (manner_.colour && !label.empty()) {
    line.append(style).append(label).append(kPlain);
  } else {
    line.append(label);
  }
  put(line.append(text).append("\n"));
}

void Output::write_json(std::string_view event, const boost::json::object& facts) {
  boost::json::object line{{"event", event}};
  for (const auto& fact : facts) line.insert(fact);
  put(boost::json::serialize(line) + '\n');
}

// Whole, for a carrier may write to the same terminal at any time. A line that could not be written is lost, and no
// reason to lose the next one: that may be the error.
void Output::put(const std::string& line) {
  messages_.clear();
  messages_ << (std::exchange(status_shown_, false) ? std::string(kErase) + line : line) << std::flush;
}

void Output::erase_status() {
  if (std::exchange(status_shown_, false)) messages_ << kErase << std::flush;
}

}  // namespace quicket::cli
