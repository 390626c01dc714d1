#include "core/offer/seal.hpp"

#include "core/base/hash.hpp"
#include "core/offer/compact.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <string_view>

#include <sodium.h>

namespace quicket {

namespace {

constexpr std::string_view kPrologue = "quicket";
constexpr std::string_view kSessionInfo = "quicket session 1";
constexpr std::size_t kHead = 2;  // version and kind

std::array<std::byte, kHead> head_of(OfferKind kind) {
  return {std::byte{kOfferVersion}, std::byte(static_cast<std::uint8_t>(kind))};
}

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes prologue() {
  Bytes bytes = to_bytes(as_bytes(kPrologue));
  append(bytes, head_of(OfferKind::kSealed));
  return bytes;
}

SessionSecret derive_session_secret(ByteView root) {
  Bytes derived = hkdf_sha256(root, as_bytes(kSessionInfo), SessionSecret{}.size());
  SessionSecret secret;
  std::ranges::copy(derived, secret.begin());
  wipe(derived);
  return secret;
}

// x25519_of maps an Ed25519 key to the same point's X25519 form; nullopt for points of low order and for what is no
// point.
std::optional<X25519Key> x25519_of(const PeerId& id) {
  X25519Key key;
  if (crypto_sign_ed25519_pk_to_curve25519(octets(MutableByteView(key)), octets(id.key())) != 0) return std::nullopt;
  return key;
}

X25519Key x25519_secret_of(const Identity& identity) {
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> pair;  // libsodium's form: seed, then public key
  std::ranges::copy(identity.seed(), pair.begin());
  std::ranges::copy(identity.id().key(), pair.begin() + 32);
  X25519Key secret;
  crypto_sign_ed25519_sk_to_curve25519(octets(MutableByteView(secret)), octets(ByteView(pair)));
  wipe(pair);
  return secret;
}

Result<Bytes> checked_size(Bytes bytes) {
  if (bytes.size() > kMaxOffer) return Errc::kOfferTooLarge;
  return bytes;
}

std::optional<PeerId> find_sender(const X25519Key& key, std::span<const PeerId> trusted) {
  const auto found = std::ranges::find_if(trusted, [&](const PeerId& peer) { return x25519_of(peer) == key; });
  if (found == trusted.end()) return std::nullopt;
  return *found;
}

Result<OpenedOffer> open_sealed(ByteView body, const Identity& own, std::span<const PeerId> trusted) {
  X25519Key secret = x25519_secret_of(own);
  const auto message = open_noise_x(secret, prologue(), body);
  wipe(secret);
  if (!message) return Errc::kOfferNotForUs;
  const auto sender = find_sender(message->sender, trusted);
  if (!sender) return Errc::kPeerUnknown;
  const auto plain = expand_body(message->payload);
  if (!plain) return plain.error();
  auto offer = decode_body(*plain, OfferKind::kSealed);
  if (!offer) return offer.error();
  return OpenedOffer{
      .offer = *std::move(offer), .sender = *sender, .session_secret = derive_session_secret(message->first_key)};
}

Result<OpenedOffer> open_unsealed(ByteView body, OfferKind kind) {
  const auto plain = expand_body(body);
  if (!plain) return plain.error();
  auto offer = decode_body(*plain, kind);
  if (!offer) return offer.error();
  const SessionSecret secret = unsealed_session_secret(kind, offer->secret);
  const PeerId sender = *offer->peer;  // decode_body() has seen that it is there
  return OpenedOffer{.offer = *std::move(offer), .sender = sender, .session_secret = secret};
}

}  // namespace

Sealer::Sealer(NoiseXSender noise) : noise_(std::move(noise)) {
  X25519Key key = noise_->first_key();
  session_secret_ = derive_session_secret(key);
  wipe(key);
}

Result<Sealer> Sealer::create(const Identity& sender, const PeerId& recipient) {
  EphemeralKey ephemeral;
  random_fill(ephemeral);
  auto sealer = create(sender, recipient, ephemeral);
  wipe(ephemeral);
  return sealer;
}

Result<Sealer> Sealer::create(const Identity& sender, const PeerId& recipient, const EphemeralKey& ephemeral) {
  const auto to = x25519_of(recipient);
  if (!to) return Errc::kPeerIdMalformed;
  X25519Key secret = x25519_secret_of(sender);
  auto noise = NoiseXSender::start(secret, *to, prologue(), ephemeral);
  wipe(secret);
  if (!noise) return Errc::kPeerIdMalformed;
  return Sealer(*std::move(noise));
}

Result<Bytes> Sealer::seal(const Offer& offer) {
  if (!noise_) return Errc::kUnsupported;
  const auto plain = encode_body(offer, OfferKind::kSealed);
  if (!plain) return plain.error();
  const Bytes compact = compact_body(*plain);
  if (kHead + kNoiseXOverhead + compact.size() > kMaxOffer) return Errc::kOfferTooLarge;
  Bytes bytes;
  append(bytes, head_of(OfferKind::kSealed));
  append(bytes, std::move(*noise_).finish(compact));
  noise_.reset();
  return bytes;
}

Result<Bytes> write_unsealed(const Offer& offer, OfferKind kind) {
  BOOST_ASSERT(kind != OfferKind::kSealed);
  const auto plain = encode_body(offer, kind);
  if (!plain) return plain.error();
  Bytes bytes;
  append(bytes, head_of(kind));
  append(bytes, compact_body(*plain));
  return checked_size(std::move(bytes));
}

SessionSecret unsealed_session_secret(OfferKind kind, ByteView secret) {
  if (kind == OfferKind::kPairing) return derive_session_secret(secret);
  SessionSecret session;
  BOOST_ASSERT(secret.size() == session.size());
  std::ranges::copy(secret, session.begin());
  return session;
}

Result<OpenedOffer> open_offer(ByteView bytes, const Identity& own, std::span<const PeerId> trusted) {
  const auto kind = offer_kind(bytes);
  if (!kind) return kind.error();
  const ByteView body = bytes.subspan(kHead);
  auto opened = *kind == OfferKind::kSealed ? open_sealed(body, own, trusted) : open_unsealed(body, *kind);
  if (!opened) return opened;
  opened->kind = *kind;
  opened->id = offer_id(bytes);
  return opened;
}

}  // namespace quicket
