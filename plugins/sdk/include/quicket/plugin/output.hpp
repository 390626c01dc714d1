#pragma once

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <span>
#include <string>

#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/place.hpp>
#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

namespace detail {

constexpr int kReaderPoll =
    20;  // milliseconds between two looks whether a FIFO has got a reader: the system tells nobody

// WriteSignals keeps SIGPIPE and SIGXFSZ, which a failing write raises in its own thread, from the host.
class WriteSignals {
 public:
  WriteSignals() noexcept {
    ::sigemptyset(&ours_);
    ::sigaddset(&ours_, SIGPIPE);
    ::sigaddset(&ours_, SIGXFSZ);
    sigset_t pending;
    ::sigpending(&pending);
    if (::sigismember(&pending, SIGPIPE) == 1) ::sigdelset(&ours_, SIGPIPE);  // somebody else's: leave it
    if (::sigismember(&pending, SIGXFSZ) == 1) ::sigdelset(&ours_, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &ours_, &before_);
  }
  WriteSignals(const WriteSignals&) = delete;
  WriteSignals& operator=(const WriteSignals&) = delete;
  ~WriteSignals() {
    const int kept = errno;
    const timespec now{};
    while (::sigtimedwait(&ours_, nullptr, &now) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = kept;
  }

 private:
  sigset_t ours_, before_;
};

inline void write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw failed_with_errno(name);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

inline void replace_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  const std::string target = real ? real.get() : path;
  std::string temporary = target + ".XXXXXX";
  Descriptor file = Descriptor::owned(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (file.fd() < 0) throw failed_with_errno(path);
  try {
    write_all(file.fd(), bytes, path);
    if (::fsync(file.fd()) != 0 || !file.close()) throw failed_with_errno(path);
    if (::rename(temporary.c_str(), target.c_str()) != 0) throw failed_with_errno(path);
  } catch (const Failed&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

// append_to_file writes to a file that somebody else opened, and takes back what did not fit.
inline void append_to_file(int fd, const struct stat& before, std::span<const std::uint8_t> bytes,
                           const std::string& name) {
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  try {
    write_all(fd, bytes, name);
  } catch (const Failed&) {
    const off_t reached = ::lseek(fd, 0, SEEK_CUR);
    struct stat after {};
    const bool ours = at >= 0 && reached > at && ::fstat(fd, &after) == 0 && after.st_size > before.st_size &&
                      after.st_size == reached;
    if (ours && ::ftruncate(fd, before.st_size) == 0) ::lseek(fd, at, SEEK_SET);
    throw;
  }
}

// append_to_stream waits before each piece, so that it can be cancelled. A descriptor that others share is not switched
// to non-blocking, for that would change it for them too: pieces are as small as a ready pipe takes for sure.
inline void append_to_stream(const Descriptor& stream, bool socket, std::span<const std::uint8_t> bytes,
                             const std::string& name, const Waiter& waiter, std::int64_t deadline) {
  while (!bytes.empty()) {
    waiter.wait(stream.fd(), POLLOUT, deadline);
    const std::size_t size = stream.is_owned() || socket ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF);
    const ssize_t written = socket ? ::send(stream.fd(), bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : ::write(stream.fd(), bytes.data(), size);
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      throw failed_with_errno(name);
    }
  }
}

inline Descriptor open_stream(const std::string& path, bool fifo, const Waiter& waiter, std::int64_t deadline) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) return Descriptor::owned(fd);
    if (!(fifo && errno == ENXIO) && errno != EINTR) throw failed_with_errno(path);
    waiter.pause(kReaderPoll, deadline);
  }
}

}  // namespace detail

// write_output writes `bytes` to `place`.
// - A path to a regular file, or to nothing yet: the file is replaced as a whole, with mode 0600; a symbolic link is
// followed.
//   On any failure it stays as it was and nothing else is left.
// - A path to a FIFO or a device, and a descriptor: appended, up to PIPE_BUF bytes (4096) in one piece. A FIFO that
// nobody has
//   opened for reading yet is waited for. A file behind a descriptor is cut back to its old size on failure.
// Several calls with the same `turn` do not mix their bytes. Throws Cancelled, DeadlinePassed, Failed.
inline void write_output(const Place& place, std::span<const std::uint8_t> bytes, const Waiter& waiter,
                         const Turn& turn, std::int64_t deadline) {
  const Turn::Taken taken(turn, waiter, deadline);
  const detail::WriteSignals signals;
  struct stat status {};
  if (place.path.empty()) {
    if (::fstat(place.fd, &status) != 0) throw failed_with_errno(place.name());
    if (S_ISREG(status.st_mode)) return detail::append_to_file(place.fd, status, bytes, place.name());
    const Descriptor stream = Descriptor::borrowed(place.fd);
    return detail::append_to_stream(stream, S_ISSOCK(status.st_mode), bytes, place.name(), waiter, deadline);
  }
  const bool exists = ::stat(place.path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) throw failed_with_errno(place.path);
  if (!exists || S_ISREG(status.st_mode)) return detail::replace_file(place.path, bytes);
  Descriptor stream = detail::open_stream(place.path, S_ISFIFO(status.st_mode), waiter, deadline);
  detail::append_to_stream(stream, false, bytes, place.name(), waiter, deadline);
  if (!stream.close()) throw failed_with_errno(place.path);
}

}  // namespace quicket::plugin
