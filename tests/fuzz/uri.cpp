// Texts that a person or a carrier hands over: relay URLs, offers as URI, digits or JSON, addresses and peer ids. What
// is accepted prints back to a text that reads as the same value.
#include <quicket/address.hpp>
#include <quicket/offer.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/relay_url.hpp>

#include "tests/fuzz/fuzz.hpp"

namespace quicket {
namespace {

void check_relay_url(std::string_view text) {
  const auto url = RelayUrl::parse(text);
  if (!url) return;
  FUZZ_CHECK(url->port != 0 && !url->host.empty() && url->pins.size() <= RelayUrl::kMaxPins);
  const auto again = RelayUrl::parse(url->to_string());
  FUZZ_CHECK(again && *again == *url && again->to_string() == url->to_string());
  FUZZ_CHECK(RelayUrl::parse("https://" + url->authority()).has_value());
}

void check_offer(std::string_view text) {
  const auto offer = offer_from_text(text);
  if (!offer) return;
  FUZZ_CHECK(offer_kind(*offer).has_value() && offer->size() <= text.size());
  FUZZ_CHECK(offer_from_text(offer_to_uri(*offer)) == *offer);
  FUZZ_CHECK(offer_from_text(offer_to_digits(*offer)) == *offer);
  FUZZ_CHECK(offer_from_text(offer_to_json(*offer)) == *offer);
}

void check_names(std::string_view text) {
  if (const auto address = Address::parse(text)) FUZZ_CHECK(Address::parse(address->to_string()) == *address);
  if (const auto id = PeerId::parse(text)) FUZZ_CHECK(PeerId::parse(id->to_string()) == *id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(byte_view(data, size));
  check_relay_url(text);
  check_offer(text);
  check_names(text);
  return 0;
}

}  // namespace quicket
