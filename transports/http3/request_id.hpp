#pragma once

#include <cstdint>

namespace quicket::transports {

// RequestId names a request at the client or server that gave it out, which never gives it out again.
enum class RequestId : std::uint64_t {};

// ConnectionHandle names a connection of one server, which never gives it out again.
enum class ConnectionHandle : std::uint64_t {};

}  // namespace quicket::transports
