#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <cstdint>
#include <vector>

namespace quicket::quic {

// CryptoData is what one CRYPTO frame carries: `data` belongs at `offset` of the TLS handshake's byte stream.
struct CryptoData {
  std::uint64_t offset = 0;
  ByteView data;  // borrowed from the payload
};

// InitialFrames says what an unprotected Initial packet's payload holds.
struct InitialFrames {
  std::vector<CryptoData> crypto;  // in the payload's order; never more than the payload has bytes
  bool has_ping = false;
  bool has_ack = false;
  bool has_close = false;            // CONNECTION_CLOSE
  std::size_t trailing_padding = 0;  // bytes of PADDING frames at the end
};

// scan_initial_frames reads a whole payload. Total.
// Errors: kProtocolViolation: no frame at all, one that does not belong into an Initial packet (RFC 9000 section 12.4),
// or one cut short.
Result<InitialFrames> scan_initial_frames(ByteView payload);

}  // namespace quicket::quic
