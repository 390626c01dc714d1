#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <string>
#include <string_view>

namespace quicket {

// base64 writes RFC 4648 section 4 with padding; base64url section 5 without; hex in lower case.
std::string base64(ByteView bytes);
std::string base64url(ByteView bytes);
std::string hex(ByteView bytes);

// from_base64 and from_base64url read exactly what their counterparts write: every byte string has one text. No white
// space, no missing or extra padding, no stray trailing bits. Errors: errc::invalid_argument; kTooLarge when the text
// holds more than `max_bytes` bytes. Nothing is allocated beyond that.
Result<Bytes> from_base64(std::string_view text, std::size_t max_bytes);
Result<Bytes> from_base64url(std::string_view text, std::size_t max_bytes);

}  // namespace quicket
