#pragma once

#include <quicket/bytes.hpp>

#include <cstdint>

namespace quicket::quic {

// Cursor reads a byte string from its front. Total: a read past the end gives zeros or nothing and turns ok() false for
// good. The bytes are borrowed.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) noexcept : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return offset_ == bytes_.size(); }
  std::size_t offset() const noexcept { return offset_; }
  std::size_t left() const noexcept { return bytes_.size() - offset_; }

  // take gives the next `size` bytes.
  ByteView take(std::uint64_t size) noexcept {
    if (!ok_ || size > left()) {
      ok_ = false;
      return {};
    }
    const ByteView taken = bytes_.subspan(offset_, static_cast<std::size_t>(size));
    offset_ += taken.size();
    return taken;
  }

  // number reads `size` bytes, at most 8, as a big-endian number.
  std::uint64_t number(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (const std::byte octet : take(size)) value = value << 8 | std::to_integer<std::uint64_t>(octet);
    return value;
  }
  std::uint8_t octet() noexcept { return static_cast<std::uint8_t>(number(1)); }

  // varint reads a variable-length integer (RFC 9000 section 16).
  std::uint64_t varint() noexcept {
    if (!ok_ || left() == 0) {
      ok_ = false;
      return 0;
    }
    const std::size_t width = std::size_t{1} << (std::to_integer<unsigned>(bytes_[offset_]) >> 6);
    const std::uint64_t value = number(width);
    return value & (~std::uint64_t{0} >> (66 - 8 * width));
  }

 private:
  ByteView bytes_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

}  // namespace quicket::quic
