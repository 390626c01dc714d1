#include "plugins/webhook/reception.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <cstdlib>

#include <quicket/plugin/offer_content.hpp>

namespace quicket::plugin {

namespace http = boost::beast::http;

namespace {

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

// only_field gives the value of a field that is there exactly once. Nothing when it is not.
std::optional<std::string_view> only_field(const http::fields& fields, std::string_view name) {
  const auto [first, last] = fields.equal_range(boost::beast::string_view(name.data(), name.size()));
  if (first == last || std::next(first) != last) return std::nullopt;
  return view_of(first->value());
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

OctetView octets_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

std::optional<Reception::Answer> Reception::judge_header(const Header& header) const {
  const std::string_view target = view_of(header.target());
  if (target.substr(0, target.find('?')) != path_) return Answer{404, "nothing is here"};
  if (header.method() != http::verb::post) return Answer{405, "offers are posted"};
  const auto encoding = header.find(http::field::content_encoding);
  if (encoding != header.end() && !boost::beast::iequals(encoding->value(), "identity")) {
    return Answer{415, "compressed bodies are not read"};
  }
  return std::nullopt;
}

std::optional<Reception::Answer> Reception::check_signature(const Request& request, std::int64_t now,
                                                            Signed& message) const {
  const auto id = only_field(request, kIdHeader), timestamp = only_field(request, kTimestampHeader),
             signature = only_field(request, kSignatureHeader);
  if (!id || !timestamp || !signature) {
    return Answer{401, "a signature is needed: webhook-id, webhook-timestamp and webhook-signature, each once"};
  }
  if (id->empty() || id->size() > kMaxId || !is_printable(*id)) return Answer{401, "this is no webhook-id"};
  const auto seconds = parse_timestamp(*timestamp);
  if (!seconds) return Answer{401, "this is no webhook-timestamp"};
  if (signature->size() > kMaxSignature || !keys_->verify(*signature, *id, *timestamp, request.body())) {
    return Answer{401, "the signature does not fit"};
  }
  if (std::abs(now - *seconds) > kTolerance) {
    return Answer{401, "the timestamp is " + std::to_string(std::abs(now - *seconds)) + " s off: check the clocks"};
  }
  message = {.id = std::string(*id), .timestamp = *seconds};
  return std::nullopt;
}

Reception::Answer Reception::receive(const Request& request, std::int64_t now, const OnOffer& on_offer) {
  Signed message;
  if (keys_ != nullptr) {
    if (auto refusal = check_signature(request, now, message)) return *std::move(refusal);
    switch (seen_.look(message.id, request.body())) {
      case ReplayGuard::Seen::kSame:
        return {200, "this was accepted before"};
      case ReplayGuard::Seen::kOther:
        return {409, "another message had this webhook-id"};
      case ReplayGuard::Seen::kNever:
        break;
    }
    if (!seen_.has_room(now)) return {503, "too many messages", kTolerance};
  }
  const auto offer = offer_of_content(octets_of(request.body()), host_);
  if (!offer) return {400, "the body is no offer"};
  const quicket_carrier_verdict verdict = on_offer(*offer);
  if (verdict == QUICKET_OFFER_REFUSED) return {422, "the offer is refused"};
  if (keys_ != nullptr) seen_.remember(message.id, request.body(), message.timestamp + kTolerance);
  return {200, verdict == QUICKET_OFFER_DUPLICATE ? "the offer was here before" : "accepted"};
}

}  // namespace quicket::plugin
