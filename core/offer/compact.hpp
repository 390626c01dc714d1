#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

namespace quicket {

// The compact form of an OfferBody (docs/protocol.md "Compact form"): one byte says how, the payload follows.
//   0  stored: the body itself
//   1  raw deflate (RFC 1951) with dictionary 1 of the body with its random fields blank, then these fields, one after
//   the other 2  raw deflate with dictionary 1 of the whole body
// Random fields are what deflate would only make longer: see random_fields.hpp.
enum class CompactForm : std::uint8_t { kStored = 0, kSplit = 1, kDeflated = 2 };

// compact_body gives the shortest form. Lossless for any bytes: it expands each form and compares before it takes it.
Bytes compact_body(ByteView body);

// expand_body gives the body back; never more than kMaxOffer bytes. Total.
// Errors: kOfferMalformed, kOfferTooLarge, kOfferVersion (a form that is not known).
Result<Bytes> expand_body(ByteView compact);

}  // namespace quicket
