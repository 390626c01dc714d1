#include "core/base/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace quicket {

Result<FileLock> FileLock::acquire(const std::filesystem::path& file) { return lock(file, LOCK_EX); }

Result<FileLock> FileLock::try_acquire(const std::filesystem::path& file) { return lock(file, LOCK_EX | LOCK_NB); }

Result<FileLock> FileLock::lock(const std::filesystem::path& file, int operation) {
  std::filesystem::path lock_file = file;
  lock_file += ".lock";
  Descriptor open(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  int failed = open ? 0 : -1;
  if (open) {
    do {
      failed = ::flock(open.fd(), operation);
    } while (failed != 0 && errno == EINTR);
  }
  if (failed != 0) return error_code(errno, boost::system::system_category());
  return FileLock(std::move(open));
}

}  // namespace quicket
