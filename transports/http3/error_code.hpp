#pragma once

#include <cstdint>

namespace quicket::transports {

// Http3Code are the error codes of HTTP/3 on the wire (RFC 9114 section 8.1): for streams, and for the whole
// connection.
enum class Http3Code : std::uint64_t {
  kNoError = 0x100,
  kGeneralProtocolError = 0x101,
  kInternalError = 0x102,
  kStreamCreationError = 0x103,
  kClosedCriticalStream = 0x104,
  kFrameUnexpected = 0x105,
  kFrameError = 0x106,
  kExcessiveLoad = 0x107,
  kIdError = 0x108,
  kSettingsError = 0x109,
  kMissingSettings = 0x10a,
  kRequestRejected = 0x10b,
  kRequestCancelled = 0x10c,
  kRequestIncomplete = 0x10d,
  kMessageError = 0x10e,
};

constexpr std::uint64_t wire(Http3Code code) noexcept { return static_cast<std::uint64_t>(code); }

}  // namespace quicket::transports
