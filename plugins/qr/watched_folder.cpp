#include "plugins/qr/watched_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include <cstring>
#include <iterator>
#include <memory>

namespace quicket::plugin {

namespace {

constexpr std::int64_t kRelist = 3'000;           // milliseconds
constexpr std::int64_t kSettled = 1'000'000'000;  // nanoseconds: a file that changed later may still be written

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

Descriptor open_folder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw failed_with_errno(path);
  return Descriptor::owned(fd);
}

// watch gives a descriptor that tells of files that have come. None (-1) where the system has no more of them.
Descriptor watch(const std::string& path) {
  Descriptor changes = Descriptor::owned(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR;
  const bool watching = changes.fd() >= 0 && ::inotify_add_watch(changes.fd(), path.c_str(), kEvents) >= 0;
  return watching ? std::move(changes) : Descriptor::borrowed(-1);
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

bool is_settled(std::int64_t modified) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t age = nanoseconds(now) - modified;
  return age < 0 || age >= kSettled;  // of another clock, or old enough
}

}  // namespace

WatchedFolder::WatchedFolder(const std::string& path) : path_(path), folder_(open_folder(path)), changes_(watch(path)) {
  list(true);
}

WatchedFolder::File WatchedFolder::next(const Waiter& waiter, std::int64_t deadline) {
  for (;;) {
    waiter.pause(0, deadline);
    take_events();  // what comes now is probably what is waited for
    if (auto file = open_newest()) return *std::move(file);
    if (!waiter.wait_at_most(changes_.fd(), POLLIN, kRelist, deadline)) list(false);
  }
}

std::optional<WatchedFolder::Stamp> WatchedFolder::stamp_of(const std::string& name) const {
  struct stat status {};
  if (name.starts_with('.') || ::fstatat(folder_.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return std::nullopt;
  if (!S_ISREG(status.st_mode) || status.st_size > kMaxSize) return std::nullopt;
  return Stamp{status.st_ino, status.st_size, nanoseconds(status.st_mtim)};
}

void WatchedFolder::list(bool first) {
  // Of its own descriptor, for reading a folder moves its position.
  const int fd = ::openat(folder_.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw failed_with_errno(path_);
  const std::unique_ptr<DIR, CloseFolder> listing(::fdopendir(fd));
  if (!listing) throw failed_with_errno(path_);
  std::map<std::string, Stamp, std::less<>> found;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread reads this listing
  while (const dirent* const entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    const auto stamp = stamp_of(name);
    if (!stamp) continue;
    if (found.size() == kMaxFiles) throw Failed(path_ + " holds more than " + std::to_string(kMaxFiles) + " files");
    const auto before = known_.find(name);
    const bool same = before != known_.end() && before->second == *stamp;
    if (!same && !first && !is_settled(stamp->modified)) continue;
    found.emplace(name, *stamp);
    if (!same) add(name, *stamp, !first);
  }
  known_ = std::move(found);
}

void WatchedFolder::take_events() {
  alignas(inotify_event) char events[4'096];
  for (ssize_t size = 0; changes_.fd() >= 0 && (size = ::read(changes_.fd(), events, sizeof events)) > 0;) {
    for (const char* at = events; at < events + size;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string name = event.len > 0 ? at + sizeof event : "";  // padded with zeros
      at += sizeof event + event.len;
      const auto stamp = name.empty() ? std::nullopt : stamp_of(name);
      if (!stamp) continue;
      add(name, *stamp, true);
      known_[name] = *stamp;
    }
    if (known_.size() > kMaxFiles) list(false);  // files that are gone count no more
  }
}

// add is told of a file before known_ is.
void WatchedFolder::add(const std::string& name, const Stamp& stamp, bool is_new) {
  const auto before = known_.find(name);
  if (before != known_.end()) waiting_.erase({before->second.modified, name});
  waiting_.insert_or_assign({stamp.modified, name}, is_new);
}

std::optional<WatchedFolder::File> WatchedFolder::open_newest() {
  while (!waiting_.empty()) {
    const auto newest = std::prev(waiting_.end());
    const std::string name = newest->first.second;
    const bool is_new = newest->second;
    waiting_.erase(newest);
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    Descriptor file = Descriptor::owned(::openat(folder_.fd(), name.c_str(), flags));
    struct stat status {};
    if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) continue;  // no longer there
    return File{path_ + "/" + name, std::move(file), is_new};
  }
  return std::nullopt;
}

}  // namespace quicket::plugin
