#include "plugins/bluetooth/spool.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

namespace quicket::plugin {

namespace {

constexpr std::size_t kNameBytes = 16;  // of SHA-256

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// open_folder opens a folder of this user's, and makes it when it is not there.
Descriptor open_folder(int at, const std::string& path, int flags, const std::string& name) {
  if (::mkdirat(at, path.c_str(), S_IRWXU) != 0 && errno != EEXIST) throw failed_with_errno(name);
  Descriptor folder = Descriptor::owned(::openat(at, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
  struct stat facts {};
  if (folder.fd() < 0 || ::fstat(folder.fd(), &facts) != 0) throw failed_with_errno(name);
  if (facts.st_uid != ::geteuid()) throw Failed(name + " belongs to another user");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) throw Failed(name + " is open to others: chmod 700 it");
  return folder;
}

Descriptor open_part(const Descriptor& base, const std::string& part, const std::string& name) {
  return open_folder(base.fd(), part, O_NOFOLLOW, name + "/" + part);
}

}  // namespace

Spool::Spool(const std::string& path)
    : name_(path),
      base_(open_folder(AT_FDCWD, path, 0, path)),
      tmp_(open_part(base_, "tmp", path)),
      new_(open_part(base_, "new", path)),
      cur_(open_part(base_, "cur", path)) {}

std::vector<Spool::File> Spool::list(int folder) const {
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // a position of its own
  if (own < 0) throw failed_with_errno(name_);
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(own));
  if (!stream) {
    ::close(own);
    throw failed_with_errno(name_);
  }
  std::vector<File> files;
  while (files.size() < kMaxListed) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): no other thread reads it
    if (entry == nullptr && errno != 0) throw failed_with_errno(name_);
    if (entry == nullptr) break;
    struct stat facts {};
    const bool hidden = entry->d_name[0] == '.';
    if (hidden || ::fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
    files.push_back({entry->d_name, std::chrono::sys_seconds(std::chrono::seconds(facts.st_ctim.tv_sec))});
  }
  std::ranges::sort(files, {}, [](const File& file) { return std::tie(file.since, file.name); });
  return files;
}

void Spool::sweep(std::chrono::sys_seconds now) const {
  const auto remove = [](int folder, const File& file) { ::unlinkat(folder, file.name.c_str(), 0); };
  for (const File& file : list(tmp_.fd())) {
    if (now - file.since > kUnfinished) remove(tmp_.fd(), file);
  }
  for (const File& file : list(new_.fd())) {
    if (now - file.since > kKeep) remove(new_.fd(), file);
  }
  const auto noted = list(cur_.fd());
  for (std::size_t i = 0; i < noted.size(); ++i) {
    if (now - noted[i].since > kKeep || i + kMaxFiles < noted.size()) remove(cur_.fd(), noted[i]);
  }
}

std::string Spool::name_of(OctetView offer) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  ::crypto_hash_sha256(digest.data(), offer.data(), offer.size());
  std::array<char, 2 * kNameBytes + 1> text;
  ::sodium_bin2hex(text.data(), text.size(), digest.data(), kNameBytes);
  return text.data() + std::string(kSuffix);
}

}  // namespace quicket::plugin
