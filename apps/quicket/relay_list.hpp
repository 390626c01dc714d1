#pragma once

#include <quicket/relay_url.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// RelayList is the file of the relays that dials use, in order of preference: one URL a line; a line that starts with
// '#', and what follows a blank and '#', is a comment and stays. A value.
class RelayList {
 public:
  static constexpr std::size_t kMaxRelays = 64;

  // parse: kConfig, with the line's number; `file` is for the message.
  static Checked<RelayList> parse(std::string_view text, std::string_view file);
  std::string to_text() const;
  std::vector<RelayUrl> urls() const;

  // add puts a relay last. One with the same host and port is replaced where it stands, for its pin may have changed:
  // then it returns true. Errors: kTemporary (kMaxRelays are there).
  Checked<bool> add(const RelayUrl& url);
  // remove takes out the relay with this URL, or at this HOST or HOST:PORT. False: there is none.
  bool remove(std::string_view relay);

 private:
  struct Line {
    std::string text;
    std::vector<RelayUrl> url;  // one, or none for a comment
  };
  std::vector<Line> lines_;
};

// load_relays reads the list; no file is an empty one. add_relay and remove_relay change the file under a lock (mode
// 0600) and return what RelayList's members do.
Checked<RelayList> load_relays(const std::filesystem::path& file);
Checked<bool> add_relay(const std::filesystem::path& file, const RelayUrl& url);
Checked<bool> remove_relay(const std::filesystem::path& file, std::string_view relay);

}  // namespace quicket::cli
