#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <quicket/plugin/descriptor.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/stdio/place.hpp"

namespace quicket::plugin {

// Input reads what comes from a place, piece by piece, and can be cancelled while it waits. A FIFO that nobody has
// opened for writing yet is waited for. Descriptors that others share keep their flags.
class Input {
 public:
  // Throws Failed when the path cannot be opened.
  explicit Input(const Place& place);

  // read waits for bytes and gives some, valid until the next call; none at the end. Throws Cancelled, DeadlinePassed,
  // Failed.
  std::string_view read(const Waiter& waiter, std::int64_t deadline);

 private:
  static constexpr std::size_t kPiece = 65'536;  // bytes

  std::string name_;
  Descriptor descriptor_;
  std::string piece_;
};

}  // namespace quicket::plugin
