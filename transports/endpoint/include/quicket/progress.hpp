#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>
#include <quicket/offer.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/time.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <variant>

namespace quicket {

// What happens on the way to a connection, in the order in which it usually does. Offers themselves are never part of
// it.

// RelayRegistered: a relay routes for us from now on. `observed` is where it sees us.
struct RelayRegistered {
  Address relay;
  Address observed;
  Duration round_trip;
};
// OfferMade (dialing): the offer is there and its deliveries begin.
struct OfferMade {
  std::size_t size = 0;  // bytes
  OfferKind kind = OfferKind::kSealed;
  UnixTime expires;
};
// OfferDelivered (dialing): a carrier has taken the offer.
struct OfferDelivered {
  std::string carrier;
};
// CarrierStopped: a carrier failed to deliver, or receives no more. The others go on.
struct CarrierStopped {
  std::string carrier;
  Failure why;
};
// OfferReceived (accepting): an offer came in that was not here before; whether it is good comes next.
struct OfferReceived {
  std::string carrier;   // empty for accept_offer()
  std::size_t size = 0;  // bytes
};
// OfferDuplicate (accepting): the same offer came in again, and was dropped.
struct OfferDuplicate {
  std::string carrier;
};
// OfferRefused (accepting): nothing left this machine because of it.
struct OfferRefused {
  std::string carrier;
  Failure why;
};
// OfferAccepted (accepting): the offer is good, and is being answered.
struct OfferAccepted {
  PeerId from;
  OfferKind kind = OfferKind::kSealed;
};
// PeerAnswered (dialing): the first answer came in.
struct PeerAnswered {};
// AttemptFailed (accepting): an accepted offer has led to no connection.
struct AttemptFailed {
  PeerId from;
  Failure why;
};

using Progress = std::variant<RelayRegistered, OfferMade, OfferDelivered, CarrierStopped, OfferReceived, OfferDuplicate,
                              OfferRefused, OfferAccepted, PeerAnswered, AttemptFailed>;

// OnProgress is called on the endpoint's executor, one call at a time, and never after the operation has completed.
// It must not throw.
using OnProgress = std::function<void(const Progress&)>;

}  // namespace quicket
