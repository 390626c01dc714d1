#pragma once

#include <string>

#include <quicket/plugin/descriptor.hpp>

namespace quicket::plugin {

// FolderWatch tells when a file has been renamed into a folder. Where the system has none left to give, or the folder
// is of another machine's, it tells nothing: so look now and then as well.
class FolderWatch {
 public:
  explicit FolderWatch(const std::string& folder);

  // fd can be read when there is news. -1: there never will be.
  int fd() const noexcept { return inotify_.fd(); }
  // drain takes the news away.
  void drain() const noexcept;

 private:
  Descriptor inotify_;
};

}  // namespace quicket::plugin
