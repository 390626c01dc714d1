#pragma once

#include <cstdint>
#include <span>

#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/stdio/place.hpp"

namespace quicket::plugin {

// write_output writes `bytes` to `place`.
// - A path to a regular file, or to nothing yet: the file is replaced as a whole, with mode 0600; a symbolic link is
// followed.
//   On any failure it stays as it was and nothing else is left.
// - A path to a FIFO or a device, and a descriptor: appended, up to PIPE_BUF bytes (4096) in one piece. A FIFO that
// nobody has
//   opened for reading yet is waited for. A file behind a descriptor is cut back to its old size on failure.
// Several calls with the same `turn` do not mix their bytes. Throws Cancelled, DeadlinePassed, Failed.
void write_output(const Place& place, std::span<const std::uint8_t> bytes, const Waiter& waiter, const Turn& turn,
                  std::int64_t deadline);

}  // namespace quicket::plugin
