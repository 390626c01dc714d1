#include "transports/endpoint/diagnostics.hpp"

#include "core/base/descriptor.hpp"
#include "core/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace quicket::detail {

namespace {

constexpr mode_t kMode = 0600;

// Appender writes to a file that only its owner can read.
class Appender {
 public:
  explicit Appender(const std::filesystem::path& file)
      : descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode)) {}

  bool is_open() const noexcept { return static_cast<bool>(descriptor_); }
  void append(ByteView bytes) {
    while (is_open() && !bytes.empty()) {
      const ssize_t written = ::write(descriptor_.fd(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return descriptor_.reset();
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

 private:
  Descriptor descriptor_;
};

Failure failure(const std::filesystem::path& file, error_code why) {
  return {why, file.string() + ": " + why.message()};
}

}  // namespace

Outcome<Diagnostics> Diagnostics::open(const std::filesystem::path& qlog, const std::filesystem::path& key_log) {
  Diagnostics diagnostics;
  if (!qlog.empty()) {
    if (const auto made = make_private_folders(qlog); !made) return failure(qlog, made.error());
    diagnostics.folder_ = qlog;
    diagnostics.start_ =
        std::to_string(std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1));
  }
  if (!key_log.empty()) {
    const auto file = std::make_shared<Appender>(key_log);
    if (!file->is_open()) return failure(key_log, error_code(errno, boost::system::system_category()));
    diagnostics.key_log_ = [file](std::string_view line) {
      std::string text(line);
      if (text.empty() || text.back() != '\n') text += '\n';
      file->append(as_bytes(text));
    };
  }
  return diagnostics;
}

std::function<void(ByteView)> Diagnostics::qlog(std::string_view kind) {
  if (folder_.empty()) return {};
  const auto name = start_ + "-" + std::string(kind) + "-" + std::to_string(++number_) + ".sqlog";
  return [file = std::make_shared<Appender>(folder_ / name)](ByteView text) { file->append(text); };
}

}  // namespace quicket::detail
