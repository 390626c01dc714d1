#include <quicket/error.hpp>

namespace quicket {

namespace {

// Boost's error_category has a protected destructor on purpose: nobody deletes a category.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "quicket"; }

  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::kOfferMalformed:
        return "this is not an offer, or it was damaged on the way";
      case Errc::kOfferTooLarge:
        return "the offer is larger than 64 KiB";
      case Errc::kOfferVersion:
        return "the offer is of a version or kind that this program does not know";
      case Errc::kOfferExpired:
        return "the offer has expired";
      case Errc::kOfferReplayed:
        return "the offer was used before: ask for a new one";
      case Errc::kOfferNotForUs:
        return "the offer cannot be opened: it is for another key, from an unknown peer, or was damaged";
      case Errc::kOfferUnsealed:
        return "the offer is not sealed, and unsealed offers are refused here";
      case Errc::kOfferForPairing:
        return "this is a pairing offer, from somebody whose key is not known here: quicket accept --pair NAME takes "
               "it";
      case Errc::kOfferNotForPairing:
        return "this offer is not for pairing: quicket accept takes it without --pair, or ask for one that was made by "
               "quicket dial --pair";
      case Errc::kOfferRelayRefused:
        return "the offer names a relay at an address that is refused here";
      case Errc::kReplayMemoryFull:
        return "the memory of used offers is full";
      case Errc::kReplayMemoryDamaged:
        return "the memory of used offers is damaged";
      case Errc::kKeyFileMalformed:
        return "this is not a Quicket key file";
      case Errc::kKeyFileExposed:
        return "the key file can be read by others";
      case Errc::kPeerIdMalformed:
        return "this is not a peer id (qk1...), or a letter of it is mistyped";
      case Errc::kTrustMalformed:
        return "the trust store has a line that is not NAME PEER-ID";
      case Errc::kPeerUnknown:
        return "no such peer is trusted";
      case Errc::kNameTaken:
        return "the name or the key is trusted already, with another one";
      case Errc::kPeerKeyMismatch:
        return "the peer has another key than expected";
      case Errc::kRelayUrlMalformed:
        return "this is not a relay URL (https://HOST:PORT#pin=...)";
      case Errc::kRelayUnreachable:
        return "the relay does not answer";
      case Errc::kRelayPinMismatch:
        return "the relay's certificate is not the expected one";
      case Errc::kRelayRefused:
        return "the relay refused the registration";
      case Errc::kRelayOverQuota:
        return "the relay has no room for us now";
      case Errc::kAnsweredElsewhere:
        return "the offer was answered elsewhere";
      case Errc::kNoRelay:
        return "no relay is configured";
      case Errc::kDialDeadline:
        return "nobody answered in time";
      case Errc::kCancelled:
        return "cancelled";
      case Errc::kHandshakeFailed:
        return "the handshake failed";
      case Errc::kRefusedByPeer:
        return "the peer refused";
      case Errc::kClosedByPeer:
        return "the peer closed the connection";
      case Errc::kIdleTimeout:
        return "the peer has been silent for too long";
      case Errc::kProtocolViolation:
        return "the other side broke the protocol";
      case Errc::kNoCommonProtocol:
        return "the peers have no application protocol in common";
      case Errc::kPeerSilent:
        return "the peer did not say hello";
      case Errc::kConnectionClosed:
        return "the connection is closed";
      case Errc::kPairingFailed:
        return "pairing failed: the other side does not have the offer, or another one";
      case Errc::kWouldBlock:
        return "not now";
      case Errc::kStreamReset:
        return "the peer gave up sending on this stream";
      case Errc::kStreamStopped:
        return "the peer no longer reads this stream";
      case Errc::kStreamUnknown:
        return "there is no such stream";
      case Errc::kTooLarge:
        return "too large";
      case Errc::kUnsupported:
        return "not supported by the other side, or not in this state";
      case Errc::kHttpMalformed:
        return "malformed HTTP/3";
      case Errc::kHttpTooLarge:
        return "HTTP header or body over the limit";
      case Errc::kHttpDeadline:
        return "no answer to the HTTP request in time";
      case Errc::kHttpGoingAway:
        return "the HTTP server is shutting down";
      case Errc::kCarrierNotFound:
        return "no such carrier is installed";
      case Errc::kCarrierBroken:
        return "the carrier plugin cannot be used";
      case Errc::kCarrierOption:
        return "the carrier does not take this option";
      case Errc::kCarrierFailed:
        return "the carrier failed";
      case Errc::kCarrierTooSmall:
        return "the offer does not fit into the carrier";
      case Errc::kCarrierExposes:
        return "the carrier neither hides nor authenticates what it carries";
      case Errc::kCarrierNothing:
        return "the carrier ended without an offer";
      case Errc::kOutOfResources:
        return "a limit was reached";
      case Errc::kInternal:
        return "internal error";
    }
    return "unknown error " + std::to_string(value);
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

void Failure::raise() const {
  if (detail.empty()) throw boost::system::system_error(code);
  throw boost::system::system_error(code, detail);
}

}  // namespace quicket
