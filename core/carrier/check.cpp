#include <quicket/carrier.hpp>

namespace quicket {

Outcome<> check_exposure(const CarrierInfo& info, OfferKind kind, bool allow_exposed) {
  if (kind == OfferKind::kSealed || !info.exposes() || allow_exposed) return {};
  const std::string exposed = "carrier " + info.name + " neither hides nor authenticates what it carries";
  if (kind == OfferKind::kOpen) return Failure{Errc::kCarrierExposes, exposed + ", and the offer is not sealed"};
  return Failure{Errc::kCarrierExposes, exposed +
                                            ": whoever reads or alters a pairing offer on it can take the other "
                                            "side's place. Pair by a carrier that you hand over yourself, like "
                                            "stdio or qr, or insist with --allow-exposed"};
}

Outcome<> check_delivery(const CarrierInfo& info, std::size_t size, OfferKind kind, bool allow_exposed) {
  const std::string carrier = "carrier " + info.name;
  if (!info.can_deliver)
    return Failure{make_error_code(Errc::kUnsupported), carrier + " can only receive offers, not deliver"};
  if (size > info.max_offer) {
    return Failure{
        make_error_code(Errc::kCarrierTooSmall),
        carrier + " takes at most " + std::to_string(info.max_offer) + " bytes, the offer has " + std::to_string(size)};
  }
  return check_exposure(info, kind, allow_exposed);
}

}  // namespace quicket
