#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

#include "apps/options/exit.hpp"

namespace quicket::relayd {

enum class LogFormat {
  kText,  // for people: time, level, message
  kJson,  // one object per line: ts (UTC), level, msg
};
enum class LogLevel { kDebug, kInfo, kWarning, kError };

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

// Log is where the daemon speaks. Thread safety: all members.
class Log {
 public:
  // Log borrows the stream. A line that cannot be written is lost, and no line after it.
  Log(std::ostream& out, LogFormat format, LogLevel level);

  // set_level holds for what is said from now on.
  void set_level(LogLevel level);

  // announce says what is asked for by starting the program: as a bare line for people, at any level; as a line of
  // level info in JSON.
  void announce(std::string_view text);
  // fail says why the program ends: "error: MESSAGE" for people.
  void fail(const apps::Problem& problem);

  // lines is the logger for everything else.
  spdlog::logger& lines() noexcept { return *lines_; }

 private:
  LogFormat format_;
  std::shared_ptr<spdlog::logger> lines_;
  std::shared_ptr<spdlog::logger> bare_;  // announcements
};

}  // namespace quicket::relayd
