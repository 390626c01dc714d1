#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/offer.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/time.hpp>

#include "core/transport/relay_hint.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quicket {

enum class CandidateKind : std::uint8_t { kHost = 1, kReflexive = 2, kMapped = 3 };

// Candidate is an address at which a peer may be reached directly.
struct Candidate {
  Address address;
  CandidateKind kind = CandidateKind::kHost;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// Offer is what an offer's body holds (OfferBody in proto/quicket/v1/offer.proto). A value.
struct Offer {
  static constexpr std::size_t kMaxRelays = 8;
  static constexpr std::size_t kMaxRelayAddresses = 4;
  static constexpr std::size_t kMaxPeerToken = 512;  // bytes
  static constexpr std::size_t kMaxFlight = 16;      // datagrams
  static constexpr std::size_t kMaxCandidates = 16;

  UnixTime expires{};             // 1970 to 2106
  std::vector<RelayHint> relays;  // in the dialer's order of preference
  std::vector<Bytes> flight;  // whole datagrams, by packet number: each starts with an Initial, all have the same IDs
  std::vector<Candidate> candidates;  // sealed offers only
  std::uint32_t flags = 0;            // none is defined yet
  std::optional<PeerId> peer;         // the dialer: open and pairing offers only
  Bytes secret;  // open: session secret, 32 bytes; pairing: one-time secret, 16 bytes; sealed: empty

  friend bool operator==(const Offer&, const Offer&) = default;
};

constexpr std::size_t kOpenSecret = 32, kPairingSecret = 16;  // bytes

// kClockTolerance is how long an offer is taken after it has expired: the accepter's clock may be wrong.
constexpr std::chrono::minutes kClockTolerance{10};

// kLongestValidity is how far ahead an offer may expire: a peer cannot fill the replay memory for longer.
constexpr std::chrono::hours kLongestValidity{7 * 24};

// kLongestPairing is the same for pairing offers: nobody is to find one that still holds.
constexpr std::chrono::hours kLongestPairing{24};

constexpr std::chrono::hours longest_validity(OfferKind kind) {
  return kind == OfferKind::kPairing ? kLongestPairing : kLongestValidity;
}

// has_expired: `now` is past `expires` and the tolerance.
bool has_expired(UnixTime expires, UnixTime now);

// check_expiry. Errors: kOfferExpired; kOfferMalformed: beyond longest_validity(kind) and the tolerance.
Result<void> check_expiry(UnixTime expires, UnixTime now, OfferKind kind = OfferKind::kSealed);

// encode_body writes an OfferBody, the flight in its compact form. Errors: errc::invalid_argument (a limit above, or a
// field that does not belong into this kind).
Result<Bytes> encode_body(const Offer& offer, OfferKind kind);

// decode_body reads one and rebuilds the flight byte for byte. Total. Candidates of an unknown kind are left out.
// Errors: kOfferMalformed; kOfferVersion (a flag that is not known).
Result<Offer> decode_body(ByteView body, OfferKind kind);

}  // namespace quicket
