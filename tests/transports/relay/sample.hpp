#pragma once

#include "core/transport/transport.hpp"

#include <chrono>
#include <cstdint>

namespace quicket::transports::test {

using namespace std::chrono_literals;

// registration is the same for the same arguments; other numbers are other keys.
inline Registration registration(std::uint8_t number, std::uint32_t first = 1, std::uint32_t num = 64,
                                 std::uint8_t session = 1) {
  Identity::Seed seed{};
  seed.fill(std::byte{number});
  Registration made{.key = Identity::from_seed(seed), .session = {}, .first = first, .num = num, .peer_token = {}};
  made.session.fill(std::byte{session});
  return made;
}
inline PeerId::Key key_of(const Registration& one) { return one.key.id().key(); }

}  // namespace quicket::transports::test
