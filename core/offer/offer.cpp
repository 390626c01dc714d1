#include "core/offer/offer.hpp"

#include "core/offer/flight.hpp"
#include "proto/parse.hpp"
#include "quicket/v1/offer.pb.h"

#include <algorithm>
#include <limits>

namespace quicket {

namespace {

// is_canonical tells a host as RelayUrl has it, so that both peers derive the same session from it.
bool is_canonical(const std::string& host) {
  const auto url = RelayUrl::parse(RelayUrl{.host = host, .pins = {}}.to_string());
  return url && url->host == host;
}

bool is_printable(char c) { return c > ' ' && c <= '~'; }

bool is_reachable(const Address& address) {
  return address.port() != 0 && !address.is_unspecified() && !address.is_multicast();
}

bool is_valid(const RelayHint& relay) {
  if (relay.addresses.empty() || relay.addresses.size() > Offer::kMaxRelayAddresses) return false;
  if (!std::ranges::all_of(relay.addresses, is_reachable)) return false;
  if (relay.pin.has_value() != relay.host.empty()) return false;
  if (!relay.host.empty() && !is_canonical(relay.host)) return false;
  return relay.peer_token.size() <= Offer::kMaxPeerToken && std::ranges::all_of(relay.peer_token, is_printable);
}

std::size_t secret_size(OfferKind kind) {
  if (kind == OfferKind::kSealed) return 0;
  return kind == OfferKind::kOpen ? kOpenSecret : kPairingSecret;
}

// is_valid holds for all that may be written and for all that was read.
bool is_valid(const Offer& offer, OfferKind kind) {
  const bool sealed = kind == OfferKind::kSealed;
  const auto expires = offer.expires.time_since_epoch().count();
  if (expires < 0 || expires > std::numeric_limits<std::uint32_t>::max()) return false;
  if (offer.relays.empty() || offer.relays.size() > Offer::kMaxRelays) return false;
  if (!std::ranges::all_of(offer.relays, [](const RelayHint& relay) { return is_valid(relay); })) return false;
  if (offer.flight.empty() || offer.flight.size() > Offer::kMaxFlight || !check_flight(offer.flight)) return false;
  if (offer.candidates.size() > (sealed ? Offer::kMaxCandidates : 0)) return false;
  if (!std::ranges::all_of(offer.candidates, is_reachable, &Candidate::address)) return false;
  return offer.peer.has_value() != sealed && offer.secret.size() == secret_size(kind);
}

void write(const Address& address, v1::Address& out) {
  out.set_ip(std::string(as_text(address.ip())));
  out.set_port(address.port());
}

Result<Address> read(const v1::Address& in) {
  if (in.port() > std::numeric_limits<std::uint16_t>::max()) return Errc::kOfferMalformed;
  return Address::from(as_bytes(in.ip()), static_cast<std::uint16_t>(in.port()));
}

Result<RelayHint> read(const v1::Relay& in) {
  RelayHint relay{.host = in.host(), .peer_token = in.peer_token()};
  if (in.addresses_size() > static_cast<int>(Offer::kMaxRelayAddresses)) return Errc::kOfferMalformed;
  for (const v1::Address& address : in.addresses()) {
    const auto read_address = read(address);
    if (!read_address) return Errc::kOfferMalformed;
    relay.addresses.push_back(*read_address);
  }
  if (!in.pin().empty()) {
    relay.pin.emplace();
    if (in.pin().size() != relay.pin->size()) return Errc::kOfferMalformed;
    std::ranges::copy(as_bytes(in.pin()), relay.pin->begin());
  }
  return relay;
}

bool has_bounded_lists(const v1::OfferBody& in) {
  return in.relays_size() <= static_cast<int>(Offer::kMaxRelays) &&
         in.flight_size() <= static_cast<int>(Offer::kMaxFlight) &&
         in.candidates_size() <= static_cast<int>(Offer::kMaxCandidates);
}

bool is_known(std::uint32_t kind) {
  return kind >= static_cast<std::uint32_t>(CandidateKind::kHost) &&
         kind <= static_cast<std::uint32_t>(CandidateKind::kMapped);
}

}  // namespace

bool has_expired(UnixTime expires, UnixTime now) { return now > expires + kClockTolerance; }

Result<void> check_expiry(UnixTime expires, UnixTime now, OfferKind kind) {
  if (has_expired(expires, now)) return Errc::kOfferExpired;
  if (expires > now + longest_validity(kind) + kClockTolerance) return Errc::kOfferMalformed;
  return {};
}

Result<Bytes> encode_body(const Offer& offer, OfferKind kind) {
  if (!is_valid(offer, kind) || offer.flags != 0) return make_error_code(boost::system::errc::invalid_argument);
  v1::OfferBody out;
  out.set_expires(static_cast<std::uint32_t>(offer.expires.time_since_epoch().count()));
  for (const RelayHint& relay : offer.relays) {
    v1::Relay& written = *out.add_relays();
    for (const Address& address : relay.addresses) write(address, *written.add_addresses());
    if (relay.pin) written.set_pin(std::string(as_text(*relay.pin)));
    written.set_host(relay.host);
    written.set_peer_token(relay.peer_token);
  }
  for (const Bytes& datagram : offer.flight) {
    const CompactDatagram compact = compact_datagram(datagram);
    v1::FlightDatagram& written = *out.add_flight();
    written.set_packet(std::string(as_text(compact.packet)));
    written.set_size(static_cast<std::uint32_t>(compact.size));
  }
  for (const Candidate& candidate : offer.candidates) {
    v1::Candidate& written = *out.add_candidates();
    write(candidate.address, *written.mutable_address());
    written.set_kind(static_cast<std::uint32_t>(candidate.kind));
  }
  if (offer.peer) out.set_peer(std::string(as_text(offer.peer->key())));
  out.set_secret(std::string(as_text(offer.secret)));
  return to_bytes(as_bytes(out.SerializeAsString()));
}

Result<Offer> decode_body(ByteView body, OfferKind kind) {
  v1::OfferBody in;
  if (body.size() > kMaxOffer || !parse_message(body, in)) return Errc::kOfferMalformed;
  if (in.flags() != 0) return Errc::kOfferVersion;
  if (!has_bounded_lists(in)) return Errc::kOfferMalformed;

  Offer offer{.expires = UnixTime(std::chrono::seconds(in.expires())), .secret = to_bytes(as_bytes(in.secret()))};
  for (const v1::Relay& relay : in.relays()) {
    auto hint = read(relay);
    if (!hint) return hint.error();
    offer.relays.push_back(*std::move(hint));
  }
  for (const v1::FlightDatagram& datagram : in.flight()) {
    auto whole = expand_datagram({.packet = to_bytes(as_bytes(datagram.packet())), .size = datagram.size()});
    if (!whole) return whole.error();
    offer.flight.push_back(*std::move(whole));
  }
  for (const v1::Candidate& candidate : in.candidates()) {
    const auto address = read(candidate.address());
    if (!address) return Errc::kOfferMalformed;
    if (is_known(candidate.kind())) {
      offer.candidates.push_back({.address = *address, .kind = static_cast<CandidateKind>(candidate.kind())});
    }
  }
  if (!in.peer().empty()) {
    const auto peer = PeerId::from_key(as_bytes(in.peer()));
    if (!peer) return Errc::kOfferMalformed;
    offer.peer = *peer;
  }
  if (!is_valid(offer, kind)) return Errc::kOfferMalformed;
  return offer;
}

}  // namespace quicket
