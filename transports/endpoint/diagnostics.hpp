#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace quicket::detail {

// Diagnostics writes qlog and TLS secrets where the owner asked for them. Trouble with the files stops the writing,
// nothing else. Thread safety: none.
class Diagnostics {
 public:
  // open makes the folder for qlog and opens the file for keys; an empty path turns that off. Errors: the operating
  // system's.
  static Outcome<Diagnostics> open(const std::filesystem::path& qlog, const std::filesystem::path& key_log);

  // qlog gives the sink of one connection, with a file of its own: START-KIND-NUMBER.sqlog. Empty when it is off.
  std::function<void(ByteView)> qlog(std::string_view kind);
  // key_log gives the sink of all connections. Empty when it is off.
  const std::function<void(std::string_view)>& key_log() const noexcept { return key_log_; }

 private:
  std::filesystem::path folder_;
  std::string start_;  // tells apart the files of several runs
  std::uint64_t number_ = 0;
  std::function<void(std::string_view)> key_log_;
};

}  // namespace quicket::detail
