#pragma once

#include <quicket/error.hpp>

#include <filesystem>

#include "core/base/descriptor.hpp"

namespace quicket {

// FileLock keeps other processes, and other FileLocks of this one, from changing a file, as long as it lives. The lock
// is an flock on the file's name with ".lock" appended: that file is made when missing, and stays, for removing it
// would break the lock. It ends with the process, however that ends.
class FileLock {
 public:
  // acquire waits for the lock. Errors: the operating system's.
  static Result<FileLock> acquire(const std::filesystem::path& file);

 private:
  explicit FileLock(Descriptor open) noexcept : open_(std::move(open)) {}

  Descriptor open_;
};

}  // namespace quicket
