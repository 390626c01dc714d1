#include "core/base/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace quicket {

Result<FileLock> FileLock::acquire(const std::filesystem::path& file) {
  std::filesystem::path lock_file = file;
  lock_file += ".lock";
  const auto repeat = [](const auto& call) {
    int result = -1;
    do {
      result = call();
    } while (result < 0 && errno == EINTR);
    return result;
  };
  constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  Descriptor open(repeat([&] { return ::open(lock_file.c_str(), kFlags, S_IRUSR | S_IWUSR); }));
  if (!open || repeat([&] { return ::flock(open.fd(), LOCK_EX); }) != 0) {
    return error_code(errno, boost::system::system_category());
  }
  return FileLock(std::move(open));
}

}  // namespace quicket
