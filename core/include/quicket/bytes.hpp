#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace quicket {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

// as_bytes views text as bytes, without a terminator. The text is borrowed.
inline ByteView as_bytes(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }

// as_text views bytes as characters. The bytes are borrowed.
inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// octets gives the view that C libraries take.
inline const std::uint8_t* octets(ByteView bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline std::uint8_t* octets(MutableByteView bytes) noexcept { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

// byte_view wraps what C libraries give.
inline ByteView byte_view(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

}  // namespace quicket
