#pragma once

#include <string>
#include <string_view>

namespace quicket::plugin {

// Place is where offers go to or come from: a path, or a descriptor that the process was given.
struct Place {
  std::string path;  // empty: fd counts
  int fd = -1;

  // name is for messages.
  std::string name() const;
};

// parse_place reads an option's value that is not empty: PATH, "-" for `standard`, or "fd:N". Throws BadOption; also
// when descriptor N is not open.
Place parse_place(std::string_view key, std::string_view text, int standard);

}  // namespace quicket::plugin
