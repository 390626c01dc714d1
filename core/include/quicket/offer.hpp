#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>
#include <string>
#include <string_view>

namespace quicket {

// An offer is a dialer's first flight on its way to the accepter: version byte, kind byte, body (docs/protocol.md "The
// offer").
constexpr std::size_t kMaxOffer = 65'536;  // bytes

enum class OfferKind : std::uint8_t { kOpen = 0, kSealed = 1, kPairing = 2 };

// OfferId names an offer in the replay memory: first 16 bytes of SHA-256 of its bytes.
using OfferId = std::array<std::byte, 16>;
OfferId offer_id(ByteView offer);

// offer_kind checks version, kind and size, nothing more. Errors: kOfferMalformed, kOfferVersion, kOfferTooLarge.
Result<OfferKind> offer_kind(ByteView offer);

// Text forms; all hold the same bytes.
std::string offer_to_json(ByteView offer);    // {"offer":"BASE64"}, one line, no newline
std::string offer_to_uri(ByteView offer);     // quicket:BASE64URL
std::string offer_to_digits(ByteView offer);  // QUICKET:/DIGITS

// offer_from_text reads any of them, surrounded by white space or not; scheme in any case; JSON may have other members.
// Errors: kOfferMalformed, kOfferTooLarge, kOfferVersion.
Result<Bytes> offer_from_text(std::string_view text);

}  // namespace quicket
