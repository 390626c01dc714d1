#include <quicket/offer.hpp>

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
#include "core/offer/digits.hpp"
#include "core/offer/seal.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace quicket {

namespace {

constexpr std::string_view kScheme = "quicket:";
constexpr std::string_view kDigitsPrefix = "QUICKET:/";  // upper case: QR codes write the letters so in few bits
constexpr std::string_view kMember = "offer";
constexpr std::size_t kMaxText = 256 * 1024;  // bytes: more than any form of the largest offer takes
constexpr std::size_t kMaxDepth = 8;

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool has_scheme(std::string_view text) {
  return text.size() >= kScheme.size() && std::ranges::equal(text.substr(0, kScheme.size()), kScheme, {}, lower);
}

// as_offer_error makes one of the offer's errors from one of the encodings'.
error_code as_offer_error(const error_code& error) {
  return error == Errc::kTooLarge || error == Errc::kOfferTooLarge ? Errc::kOfferTooLarge : Errc::kOfferMalformed;
}

Result<Bytes> from_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_object()) return Errc::kOfferMalformed;
  const boost::json::value* member = value.get_object().if_contains(kMember);
  if (!member || !member->is_string()) return Errc::kOfferMalformed;
  return from_base64(member->get_string(), kMaxOffer);
}

Result<Bytes> from_uri(std::string_view text) {
  text.remove_prefix(kScheme.size());
  if (!text.starts_with('/')) return from_base64url(text, kMaxOffer);
  return from_digits(text.substr(1), kMaxOffer);
}

}  // namespace

OfferId offer_id(ByteView offer) {
  const Sha256 digest = sha256(offer);
  OfferId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

Result<OfferKind> offer_kind(ByteView offer) {
  if (offer.size() > kMaxOffer) return Errc::kOfferTooLarge;
  if (offer.size() < 2) return Errc::kOfferMalformed;
  const auto kind = static_cast<OfferKind>(offer[1]);
  const bool known = kind == OfferKind::kOpen || kind == OfferKind::kSealed || kind == OfferKind::kPairing;
  if (offer[0] != std::byte{kOfferVersion} || !known) return Errc::kOfferVersion;
  return kind;
}

std::string offer_to_json(ByteView offer) {
  return boost::json::serialize(boost::json::object{{kMember, base64(offer)}});
}

std::string offer_to_uri(ByteView offer) { return std::string(kScheme) + base64url(offer); }

std::string offer_to_digits(ByteView offer) { return std::string(kDigitsPrefix) + to_digits(offer); }

Result<Bytes> offer_from_text(std::string_view text) {
  text = trim(text);
  if (text.size() > kMaxText) return Errc::kOfferTooLarge;
  if (!has_scheme(text) && !text.starts_with('{')) return Errc::kOfferMalformed;
  auto offer = has_scheme(text) ? from_uri(text) : from_json(text);
  if (!offer) return as_offer_error(offer.error());
  if (const auto kind = offer_kind(*offer); !kind) return kind.error();
  return offer;
}

}  // namespace quicket
