#pragma once

#include <optional>
#include <string>

#include <quicket/plugin/place.hpp>

#include "plugins/qr/drawing.hpp"

namespace quicket::plugin {

// find_terminal gives the one that a person looks at: the process's own, or else standard error. Standard output is not
// asked: it may carry something else. Throws Failed when there is none.
Place find_terminal();

// is_terminal, and size_of_terminal: nothing when it is none, or does not know its size.
bool is_terminal(const Place& place);
std::optional<TerminalSize> size_of_terminal(const Place& place);

// refuse_small_terminal throws Failed, with what to do about it, when a drawing does not fit.
void refuse_small_terminal(TerminalSize there, TerminalSize needed);

}  // namespace quicket::plugin
