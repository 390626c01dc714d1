#include <quicket/carrier.hpp>

namespace quicket {

Outcome<> check_delivery(const CarrierInfo& info, std::size_t size, OfferKind kind, bool allow_exposed) {
  const std::string carrier = "carrier " + info.name;
  if (!info.can_deliver)
    return Failure{make_error_code(Errc::kUnsupported), carrier + " can only receive offers, not deliver"};
  if (size > info.max_offer) {
    return Failure{
        make_error_code(Errc::kCarrierTooSmall),
        carrier + " takes at most " + std::to_string(info.max_offer) + " bytes, the offer has " + std::to_string(size)};
  }
  const bool exposed = kind != OfferKind::kSealed && !info.hides && !info.authenticates;
  if (exposed && !allow_exposed) {
    return Failure{make_error_code(Errc::kCarrierExposes),
                   carrier + " neither hides nor authenticates what it carries, and the offer is not sealed"};
  }
  return {};
}

}  // namespace quicket
