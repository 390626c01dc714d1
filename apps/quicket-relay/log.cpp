#include "apps/quicket-relay/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <spdlog/fmt/chrono.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <mutex>
#include <string>

namespace quicket::relayd {

namespace {

constexpr const char* kTextPattern = "%Y-%m-%d %H:%M:%S %l: %v";

// JsonFormatter writes one object per line.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& destination) override {
    const auto whole = std::chrono::floor<std::chrono::seconds>(message.time);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(message.time - whole).count();
    const auto level = spdlog::level::to_string_view(message.level);
    const boost::json::object line{{"ts", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                                                      fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), rest)},
                                   {"level", boost::json::string_view(level.data(), level.size())},
                                   {"msg", boost::json::string_view(message.payload.data(), message.payload.size())},
                                   {"component", "relay"}};
    const std::string text = boost::json::serialize(line);
    destination.append(text.data(), text.data() + text.size());
    destination.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

// StreamSink writes each line at once. After one that could not be written, on a full disk, it goes on with the next,
// which spdlog's own sink for streams does not.
class StreamSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StreamSink(std::ostream& out) : out_(out) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    out_.clear();
    out_.write(line.data(), static_cast<std::streamsize>(line.size())).flush();
  }
  void flush_() override {}

  std::ostream& out_;
};

std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format, const char* pattern) {
  if (format == LogFormat::kJson) return std::make_unique<JsonFormatter>();
  return std::make_unique<spdlog::pattern_formatter>(pattern);
}

std::shared_ptr<spdlog::logger> logger_on(std::ostream& out, std::unique_ptr<spdlog::formatter> formatter,
                                          spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>("relay", std::make_shared<StreamSink>(out));
  logger->set_formatter(std::move(formatter));
  logger->set_level(level);
  return logger;
}

spdlog::level::level_enum level_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return std::nullopt;
}

Log::Log(std::ostream& out, LogFormat format, LogLevel level)
    : format_(format),
      lines_(logger_on(out, formatter_of(format, kTextPattern), level_of(level))),
      bare_(logger_on(out, formatter_of(format, "%v"), spdlog::level::info)) {}

void Log::set_level(LogLevel level) { lines_->set_level(level_of(level)); }

void Log::announce(std::string_view text) { bare_->info("{}", text); }

void Log::fail(const apps::Problem& problem) {
  if (format_ == LogFormat::kJson) return bare_->error("{}", problem.message);
  bare_->error("error: {}", problem.message);
}

}  // namespace quicket::relayd
