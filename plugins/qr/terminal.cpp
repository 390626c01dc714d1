#include "plugins/qr/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <quicket/plugin/descriptor.hpp>

namespace quicket::plugin {

namespace {

// Whoever opens the place for a look only, without becoming its reader or writer, waits for nothing.
Descriptor look_at(const Place& place) {
  if (place.path.empty()) return Descriptor::borrowed(place.fd);
  return Descriptor::owned(::open(place.path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

Place find_terminal() {
  Place own{.path = "/dev/tty"}, error{.fd = STDERR_FILENO};
  if (is_terminal(own)) return own;
  if (is_terminal(error)) return error;
  throw Failed("there is no terminal to draw a code on: write a picture with out=FILE.png or out=FILE.svg");
}

bool is_terminal(const Place& place) { return ::isatty(look_at(place).fd()) == 1; }

std::optional<TerminalSize> size_of_terminal(const Place& place) {
  winsize size{};
  if (::ioctl(look_at(place).fd(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return TerminalSize{.columns = size.ws_col, .rows = size.ws_row};
}

void refuse_small_terminal(TerminalSize there, TerminalSize needed) {
  if (there.columns >= needed.columns && there.rows >= needed.rows) return;
  const auto text = [](TerminalSize size) { return std::to_string(size.columns) + "x" + std::to_string(size.rows); };
  throw Failed("the terminal is too small for this code: it has " + text(there) + " characters, the code takes " +
               text(needed) + ". Enlarge the window, make its letters smaller, or write a picture with out=FILE.png");
}

}  // namespace quicket::plugin
