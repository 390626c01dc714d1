#include "core/quic/initial_frames.hpp"

#include "core/quic/cursor.hpp"

namespace quicket::quic {

namespace {

// Frame types (RFC 9000 section 19); all take one byte, longer encodings are not allowed (section 12.4).
constexpr std::uint8_t kPadding = 0x00, kPing = 0x01, kAck = 0x02, kAckEcn = 0x03, kCrypto = 0x06,
                       kConnectionClose = 0x1c;

void skip_ack(Cursor& cursor, bool ecn) {
  cursor.varint();  // largest acknowledged
  cursor.varint();  // delay
  std::uint64_t ranges = cursor.varint();
  cursor.varint();  // first range
  for (; ranges > 0 && cursor.ok(); --ranges) {
    cursor.varint();  // gap
    cursor.varint();  // length
  }
  for (int count = 0; ecn && count < 3; ++count) cursor.varint();
}

}  // namespace

Result<InitialFrames> scan_initial_frames(ByteView payload) {
  InitialFrames frames;
  Cursor cursor(payload);
  while (!cursor.at_end() && cursor.ok()) {
    const std::uint8_t type = cursor.octet();
    if (type == kPadding) {
      ++frames.trailing_padding;
      continue;
    }
    frames.trailing_padding = 0;
    if (type == kPing) {
      frames.has_ping = true;
    } else if (type == kAck || type == kAckEcn) {
      frames.has_ack = true;
      skip_ack(cursor, type == kAckEcn);
    } else if (type == kCrypto) {
      const std::uint64_t offset = cursor.varint();
      frames.crypto.push_back({offset, cursor.take(cursor.varint())});
    } else if (type == kConnectionClose) {
      frames.has_close = true;
      cursor.varint();  // error code
      cursor.varint();  // frame type
      cursor.take(cursor.varint());
    } else {
      return Errc::kProtocolViolation;
    }
  }
  if (payload.empty() || !cursor.ok()) return Errc::kProtocolViolation;
  return frames;
}

}  // namespace quicket::quic
