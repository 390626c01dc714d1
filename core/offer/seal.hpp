#pragma once

#include "core/offer/noise_x.hpp"
#include "core/offer/offer.hpp"

#include <quicket/identity.hpp>

#include <array>
#include <optional>
#include <span>

namespace quicket {

constexpr std::uint8_t kOfferVersion = 1;

// Sealer writes one sealed offer for one recipient. The session secret is there before the offer is: the dialer needs
// it to register at its relays, and only then knows what to write.
class Sealer {
 public:
  using EphemeralKey = X25519Key;

  // create draws the ephemeral key, or takes one that must be random and never used again (tests and simulations).
  // Errors: kPeerIdMalformed: the recipient's key is not a point that can be sealed to.
  static Result<Sealer> create(const Identity& sender, const PeerId& recipient);
  static Result<Sealer> create(const Identity& sender, const PeerId& recipient, const EphemeralKey& ephemeral);

  const SessionSecret& session_secret() const noexcept { return session_secret_; }

  // seal gives the offer's bytes. Works once: later calls give kUnsupported, for a second offer under the same key
  // would give both away. Errors: those of encode_body(), kOfferTooLarge; these leave the sealer usable.
  Result<Bytes> seal(const Offer& offer);

 private:
  explicit Sealer(NoiseXSender noise);

  std::optional<NoiseXSender> noise_;
  SessionSecret session_secret_;
};

// write_unsealed gives the bytes of an open or a pairing offer. Errors: those of encode_body(), kOfferTooLarge.
Result<Bytes> write_unsealed(const Offer& offer, OfferKind kind);

// unsealed_session_secret is the session secret of an open or pairing offer with this `secret` field.
SessionSecret unsealed_session_secret(OfferKind kind, ByteView secret);

// OpenedOffer is an offer as the accepter sees it.
struct OpenedOffer {
  Offer offer;
  OfferKind kind = OfferKind::kOpen;
  PeerId sender;  // sealed: proven by the seal and trusted; else only claimed, and proven by the TLS handshake
  SessionSecret session_secret{};
  OfferId id{};
};

// open_offer reads an offer. `trusted` are the peers whose sealed offers are taken; unsealed ones are left to the
// caller's policy, as are expiry and replay. Total. Nothing of an unknown sender's offer is read beyond its seal.
// Errors: kOfferMalformed, kOfferVersion, kOfferTooLarge; kOfferNotForUs (sealed for another key, or damaged: they look
// the same); kPeerUnknown (it opened, but its sender is not trusted).
Result<OpenedOffer> open_offer(ByteView bytes, const Identity& own, std::span<const PeerId> trusted);

}  // namespace quicket
