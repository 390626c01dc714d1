#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

// WatchedFolder gives the files in a folder, each once, and again when it has changed: those that are there, the newest
// first, and those that come, as soon as they are whole. The system says when (inotify); as not every file system does,
// the folder is also listed from time to time. Hidden files, links and what is no file are passed over.
class WatchedFolder {
 public:
  static constexpr std::size_t kMaxFiles = 20'000;
  static constexpr std::int64_t kMaxSize = 64 << 20;  // bytes: no picture that is read is larger

  // File is open for reading.
  struct File {
    std::string name;  // with its folder
    Descriptor descriptor;
    bool is_new = false;  // it was not there when the watch began
  };

  // Throws Failed when the folder cannot be read, or holds too many files.
  explicit WatchedFolder(const std::string& path);

  // next waits for a file. Throws Cancelled, DeadlinePassed, Failed.
  File next(const Waiter& waiter, std::int64_t deadline);

 private:
  // Stamp changes with the file.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0, modified = 0;  // bytes; nanoseconds since 1970
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  std::optional<Stamp> stamp_of(const std::string& name) const;
  void list(bool first);
  void take_events();
  void add(const std::string& name, const Stamp& stamp, bool is_new);
  std::optional<File> open_newest();

  std::string path_;
  Descriptor folder_, changes_;
  std::map<std::string, Stamp, std::less<>> known_;
  std::map<std::pair<std::int64_t, std::string>, bool> waiting_;  // by when it was modified; whether it is new
};

}  // namespace quicket::plugin
