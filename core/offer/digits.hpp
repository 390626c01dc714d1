#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <string>
#include <string_view>

namespace quicket {

// Bytes as decimal digits, for the numeric mode of QR codes: as in FIDO's hybrid transport (CTAP 2.2 section 11.5), 7
// bytes in little-endian order become 17 digits with leading zeros; 1 to 6 bytes at the end become 3, 5, 8, 10, 13
// or 15.
std::string to_digits(ByteView bytes);

// from_digits reads what to_digits writes: every byte string has one text.
// Errors: kOfferMalformed; kOfferTooLarge when the text stands for more than `max_bytes` bytes. Nothing is allocated
// beyond that.
Result<Bytes> from_digits(std::string_view text, std::size_t max_bytes);

}  // namespace quicket
