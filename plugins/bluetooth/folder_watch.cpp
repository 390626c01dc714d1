#include "plugins/bluetooth/folder_watch.hpp"

#include <sys/inotify.h>

#include <array>

namespace quicket::plugin {

FolderWatch::FolderWatch(const std::string& folder)
    : inotify_(Descriptor::owned(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))) {
  constexpr std::uint32_t kNews = IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;
  if (::inotify_add_watch(inotify_.fd(), folder.c_str(), kNews) < 0) inotify_.close();
}

void FolderWatch::drain() const noexcept {
  std::array<char, 4'096> news;
  while (::read(inotify_.fd(), news.data(), news.size()) > 0) {
  }
}

}  // namespace quicket::plugin
