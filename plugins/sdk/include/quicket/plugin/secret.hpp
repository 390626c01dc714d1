#pragma once

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/options.hpp>

namespace quicket::plugin {

// Secret holds bytes that nobody else may see, and wipes them at its end. It can only be moved.
class Secret {
 public:
  static constexpr std::size_t kMaxSize = 64 * 1'024;  // bytes

  Secret() = default;
  explicit Secret(std::string_view text) : size_(text.size()), bytes_(std::make_unique<char[]>(text.size())) {
    std::ranges::copy(text, bytes_.get());
  }
  Secret(Secret&& other) noexcept : size_(std::exchange(other.size_, 0)), bytes_(std::move(other.bytes_)) {}
  Secret& operator=(Secret&& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Secret() {
    if (bytes_) ::explicit_bzero(bytes_.get(), size_);
  }

  // text is valid as long as this object stays where it is.
  std::string_view text() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::size_t size_ = 0;
  std::unique_ptr<char[]> bytes_;
};

// secret_option reads the file that an option names: a regular one, of this user's or root's, that nobody else can
// read. Line ends at its end do not count. Nothing when the option is not given. Throws BadOption.
inline std::optional<Secret> secret_option(const Options& options, std::string_view key) {
  const auto path = text_option(options, key);
  if (!path) return std::nullopt;
  const auto refuse = [&](const std::string& why) { return bad_option(key, "names " + *path + ": " + why); };
  const auto refuse_errno = [&] { return refuse(std::generic_category().message(errno)); };

  const Descriptor file = Descriptor::owned(::open(path->c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat facts {};
  if (file.fd() < 0 || ::fstat(file.fd(), &facts) != 0) throw refuse_errno();
  if (!S_ISREG(facts.st_mode)) throw refuse("this is not a regular file");
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) throw refuse("it belongs to another user");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) throw refuse("others can read or write it: chmod 600 it");

  struct Wiped {
    std::array<char, Secret::kMaxSize + 1> bytes;
    ~Wiped() { ::explicit_bzero(bytes.data(), bytes.size()); }
  };
  const auto read = std::make_unique<Wiped>();
  std::size_t size = 0;
  while (size < read->bytes.size()) {
    const ssize_t got = ::read(file.fd(), read->bytes.data() + size, read->bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw refuse_errno();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > Secret::kMaxSize) throw refuse("it is too large for a secret");
  while (size > 0 && (read->bytes[size - 1] == '\n' || read->bytes[size - 1] == '\r')) --size;
  if (size == 0) throw refuse("it is empty");
  return Secret({read->bytes.data(), size});
}

}  // namespace quicket::plugin
