#include "core/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

#include "core/base/descriptor.hpp"
#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"

namespace quicket {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadStep = 16 * 1024;

error_code last_error() { return {errno, boost::system::system_category()}; }

Descriptor open_file(const fs::path& file, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(file.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

Result<Bytes> read_all(int fd, std::size_t max_bytes) {
  Bytes content;
  while (true) {
    const std::size_t have = content.size();
    const std::size_t room =
        std::min(kReadStep, max_bytes - have + 1);  // one more than allowed tells too much from enough
    content.resize(have + room);
    const ssize_t got = ::read(fd, content.data() + have, room);
    if (got < 0 && errno != EINTR) {
      const error_code error = last_error();
      wipe(content);
      return error;
    }
    content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (content.size() > max_bytes) {
      wipe(content);
      return Errc::kTooLarge;
    }
    if (got == 0) return content;
  }
}

error_code write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) return last_error();
    if (written > 0) content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

error_code sync_folder(const fs::path& folder) {
  const Descriptor open = open_file(folder, O_RDONLY | O_DIRECTORY);
  // Some file systems cannot sync a folder and say so with EINVAL: then there is nothing to wait for.
  if (!open || (::fsync(open.fd()) != 0 && errno != EINVAL)) return last_error();
  return {};
}

// Temporary is a file under a random name, removed unless it was moved.
class Temporary {
 public:
  static Result<Temporary> write(const fs::path& folder, ByteView content, mode_t mode) {
    std::array<std::byte, 8> salt;
    random_fill(salt);
    Temporary file(folder / (".quicket-" + hex(salt)));
    Descriptor open = open_file(file.path_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (!open) {
      const error_code error = last_error();
      file.keep();
      return error;
    }
    if (const error_code error = write_all(open.fd(), content)) return error;
    if (::fsync(open.fd()) != 0) return last_error();
    return file;
  }

  Temporary(Temporary&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const fs::path& path() const noexcept { return path_; }
  void keep() noexcept { path_.clear(); }

 private:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  fs::path path_;  // empty: not ours to remove
};

Result<Bytes> read(const fs::path& file, std::size_t max_bytes, bool must_be_private) {
  const Descriptor open = open_file(file, O_RDONLY);
  if (!open) return last_error();
  if (must_be_private) {
    struct stat facts {};
    if (::fstat(open.fd(), &facts) != 0) return last_error();
    // Folders and devices hold no secret; what they are comes out when they are read.
    const bool holds = !S_ISDIR(facts.st_mode) && !S_ISCHR(facts.st_mode);
    if (holds && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) return Errc::kKeyFileExposed;
  }
  return read_all(open.fd(), max_bytes);
}

}  // namespace

Result<Bytes> read_file(const fs::path& file, std::size_t max_bytes) { return read(file, max_bytes, false); }

Result<Bytes> read_private_file(const fs::path& file, std::size_t max_bytes) { return read(file, max_bytes, true); }

Result<void> write_file_atomically(const fs::path& file, ByteView content, mode_t mode) {
  auto temporary = Temporary::write(folder_of(file), content, mode);
  if (temporary.has_error()) return temporary.error();
  if (::rename(temporary->path().c_str(), file.c_str()) != 0) return last_error();
  temporary->keep();
  if (const error_code error = sync_folder(folder_of(file))) return error;
  return {};
}

Result<void> write_new_file(const fs::path& file, ByteView content, mode_t mode) {
  const auto temporary = Temporary::write(folder_of(file), content, mode);
  if (temporary.has_error()) return temporary.error();
  if (::link(temporary->path().c_str(), file.c_str()) != 0) return last_error();
  if (const error_code error = sync_folder(folder_of(file))) return error;
  return {};
}

Result<void> make_private_folders(const fs::path& folder) {
  fs::path path;
  for (const fs::path& part : folder) {
    path /= part;
    if (::mkdir(path.c_str(), S_IRWXU) == 0) continue;
    const error_code error = last_error();
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return error == boost::system::errc::file_exists ? last_error() : error;
    if (!S_ISDIR(facts.st_mode)) return make_error_code(boost::system::errc::not_a_directory);
  }
  return {};
}

}  // namespace quicket
