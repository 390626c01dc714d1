#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

#include <quicket/plugin/options.hpp>

namespace quicket::plugin {

// Place is where offers go to or come from: a path, or a descriptor that the process was given.
struct Place {
  std::string path;  // empty: fd counts
  int fd = -1;

  // name is for messages.
  std::string name() const {
    if (!path.empty()) return path;
    if (fd == STDIN_FILENO) return "standard input";
    if (fd == STDOUT_FILENO) return "standard output";
    return "fd:" + std::to_string(fd);
  }
};

// parse_place reads an option's value that is not empty: PATH, "-" for `standard`, or "fd:N". Throws BadOption; also
// when descriptor N is not open.
inline Place parse_place(std::string_view key, std::string_view text, int standard) {
  constexpr std::string_view kPrefix = "fd:";
  Place place;
  if (text == "-") {
    place.fd = standard;
  } else if (text.starts_with(kPrefix)) {
    text.remove_prefix(kPrefix.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place.fd);
    if (error != std::errc{} || end != text.data() + text.size() || place.fd < 0) {
      throw bad_option(key, "takes a number in fd:N");
    }
  } else {
    place.path = text;
    return place;
  }
  if (::fcntl(place.fd, F_GETFD) < 0) throw bad_option(key, "cannot be used: " + place.name() + " is not open");
  return place;
}

}  // namespace quicket::plugin
