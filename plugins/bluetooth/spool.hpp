#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/descriptor.hpp>

namespace quicket::plugin {

// Spool is a folder in the manner of Maildir, on one file system, that only its owner can enter (mode 0700):
//
//   tmp/  files that are being written; nobody reads them
//   new/  whole files that wait; they come here by rename only
//   cur/  notes of what was handed on: empty files named after the offers; and what held no offer
//
// Each step is one rename or one new name, so whoever dies between two steps leaves nothing half done.
// Thread safety: const members.
class Spool {
 public:
  static constexpr std::size_t kMaxFiles = 1'000;      // in new, and in cur
  static constexpr std::size_t kMaxListed = 10'000;    // names looked at in one folder
  static constexpr std::chrono::hours kKeep{8 * 24};   // no offer is valid for longer (docs/protocol.md "Accepting")
  static constexpr std::chrono::hours kUnfinished{1};  // what lies in tmp for longer was left by somebody who died
  static constexpr std::string_view kSuffix = ".qkt";

  struct File {
    std::string name;
    std::chrono::sys_seconds since;  // it lies there: when it was last renamed or changed
  };

  // Opens the folder, and makes what is missing of it; its parent must be there.
  // Throws Failed, also when others may enter it or somebody else owns it.
  explicit Spool(const std::string& path);

  const std::string& name() const noexcept { return name_; }  // for messages
  int unfinished() const noexcept { return tmp_.fd(); }
  int waiting() const noexcept { return new_.fd(); }
  int noted() const noexcept { return cur_.fd(); }

  // list gives what lies in one of the folders, oldest first. Hidden files are passed over. Throws Failed.
  std::vector<File> list(int folder) const;

  // sweep removes what has lain there for too long, and the oldest of cur when there are too many. Throws Failed.
  void sweep(std::chrono::sys_seconds now) const;

  // name_of gives the name of the file that holds an offer: the same for the same offer.
  static std::string name_of(OctetView offer);

 private:
  std::string name_;
  Descriptor base_, tmp_, new_, cur_;
};

}  // namespace quicket::plugin
