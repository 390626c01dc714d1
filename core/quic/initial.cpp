#include "core/quic/initial.hpp"

#include "core/quic/cursor.hpp"
#include "core/quic/expand_label.hpp"
#include "core/quic/gnutls_check.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <string_view>

#include <gnutls/crypto.h>

namespace quicket::quic {

namespace {

using Secret = std::array<std::byte, 32>;
using Mask = std::array<std::byte, 16>;

constexpr std::size_t kSampleOffset = 4;  // from the packet number (RFC 9001 section 5.4.2)
constexpr std::size_t kSample = 16;

constexpr std::array<std::uint8_t, 20> kInitialSalt{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                                    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};

gnutls_datum_t datum(ByteView bytes) {
  return {const_cast<unsigned char*>(octets(bytes)), static_cast<unsigned>(bytes.size())};  // GnuTLS only reads it
}

// derive is HKDF-Expand-Label with the hash of Initial keys, and no context (RFC 9001 section 5.1).
void derive(ByteView secret, std::string_view label, MutableByteView out) {
  [[maybe_unused]] const bool done = expand_label(GNUTLS_MAC_SHA256, secret, label, {}, out);
  BOOST_ASSERT(done);  // only sizes can fail
}

Result<Mask> header_mask(const InitialKeys& keys, ByteView sample) {
  // One block of AES-128-ECB is one of CBC with a zero IV.
  const std::array<std::byte, 16> zeros{};
  const gnutls_datum_t key = datum(keys.header_key), iv = datum(zeros);
  GnutlsHandle<gnutls_cipher_hd_t, gnutls_cipher_deinit> cipher;
  if (auto done = check(gnutls_cipher_init(cipher.out(), GNUTLS_CIPHER_AES_128_CBC, &key, &iv)); !done)
    return done.error();
  Mask mask;
  const int code =
      gnutls_cipher_encrypt2(cipher.get(), octets(sample), sample.size(), octets(MutableByteView(mask)), mask.size());
  if (auto done = check(code); !done) return done.error();
  return mask;
}

std::array<std::byte, 12> nonce_of(const InitialKeys& keys, std::uint32_t number) {
  std::array<std::byte, 12> nonce = keys.iv;
  for (std::size_t i = 0; i < 4; ++i) nonce[8 + i] ^= std::byte(static_cast<std::uint8_t>(number >> (24 - 8 * i)));
  return nonce;
}

// toggle_header puts header protection on or takes it off: an exclusive or, given the unprotected number's size.
void toggle_header(MutableByteView packet, const InitialHeader& header, const Mask& mask, std::size_t number_size) {
  packet[0] ^= mask[0] & std::byte{0x0f};
  for (std::size_t i = 0; i < number_size; ++i) packet[header.number_offset + i] ^= mask[1 + i];
}

std::size_t number_size_of(std::byte first) { return std::to_integer<std::size_t>(first & std::byte{3}) + 1; }

using Aead = GnutlsHandle<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>;

Result<void> set_up(Aead& aead, const InitialKeys& keys) {
  const gnutls_datum_t key = datum(keys.key);
  return check(gnutls_aead_cipher_init(aead.out(), GNUTLS_CIPHER_AES_128_GCM, &key));
}

}  // namespace

InitialKeys initial_keys(const ConnectionId& original, Role sender) {
  Secret initial, side;
  const gnutls_datum_t salt = datum(std::as_bytes(std::span(kInitialSalt))), secret = datum(original.bytes());
  [[maybe_unused]] const int code = gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &secret, &salt, initial.data());
  BOOST_ASSERT(code >= 0);
  derive(initial, sender == Role::kClient ? "client in" : "server in", side);
  InitialKeys keys;
  derive(side, "quic key", keys.key);
  derive(side, "quic iv", keys.iv);
  derive(side, "quic hp", keys.header_key);
  return keys;
}

std::optional<InitialHeader> parse_initial_header(ByteView packet) noexcept {
  Cursor cursor(packet);
  const std::uint8_t first = cursor.octet();
  const bool initial = (first & 0xf0) == 0xc0;  // long form, fixed bit, type 0
  if (cursor.number(4) != 1 || !initial) return std::nullopt;
  const auto destination = ConnectionId::from(cursor.take(cursor.octet()));
  const auto source = ConnectionId::from(cursor.take(cursor.octet()));
  const std::size_t token_size = cursor.take(cursor.varint()).size();
  const std::uint64_t length = cursor.varint();
  if (!cursor.ok() || !destination || !source) return std::nullopt;
  return InitialHeader{.destination = *destination,
                       .source = *source,
                       .token_size = token_size,
                       .number_offset = cursor.offset(),
                       .length = length};
}

Result<InitialPacket> unprotect_initial(ByteView datagram, const ConnectionId& original, Role sender) {
  const auto header = parse_initial_header(datagram);
  if (!header || header->length > datagram.size() - header->number_offset) return Errc::kProtocolViolation;
  if (header->length < kSampleOffset + kSample) return Errc::kProtocolViolation;
  const std::size_t size = header->number_offset + static_cast<std::size_t>(header->length);

  const InitialKeys keys = initial_keys(original, sender);
  const auto mask = header_mask(keys, datagram.subspan(header->number_offset + kSampleOffset, kSample));
  if (!mask) return mask.error();
  const std::size_t number_size = number_size_of(datagram[0] ^ ((*mask)[0] & std::byte{0x0f}));

  InitialPacket packet{
      .header = *header, .frames_offset = header->number_offset + number_size, .bytes = to_bytes(datagram.first(size))};
  toggle_header(packet.bytes, *header, *mask, number_size);
  for (std::size_t i = 0; i < number_size; ++i) {
    packet.number = packet.number << 8 | std::to_integer<std::uint32_t>(packet.bytes[header->number_offset + i]);
  }

  Aead aead;
  if (auto done = set_up(aead, keys); !done) return done.error();
  const auto nonce = nonce_of(keys, packet.number);
  const ByteView sealed = datagram.first(size).subspan(packet.frames_offset);
  std::size_t opened = sealed.size() - kAeadTag;
  const int code = gnutls_aead_cipher_decrypt(aead.get(), nonce.data(), nonce.size(), packet.bytes.data(),
                                              packet.frames_offset, kAeadTag, sealed.data(), sealed.size(),
                                              packet.bytes.data() + packet.frames_offset, &opened);
  if (code < 0) return make_error_code(boost::system::errc::bad_message);
  packet.bytes.resize(packet.frames_offset + opened);
  return packet;
}

Result<Bytes> protect_initial(ByteView bytes, const ConnectionId& original, Role sender) {
  const auto header = parse_initial_header(bytes);
  if (!header || header->length < kSampleOffset + kSample) return Errc::kProtocolViolation;
  if (header->length != bytes.size() - header->number_offset + kAeadTag) return Errc::kProtocolViolation;
  const std::size_t number_size = number_size_of(bytes[0]);
  const std::size_t frames_offset = header->number_offset + number_size;  // within: there are at least 4 bytes
  std::uint32_t number = 0;
  for (const std::byte octet : bytes.subspan(header->number_offset, number_size)) {
    number = number << 8 | std::to_integer<std::uint32_t>(octet);
  }

  const InitialKeys keys = initial_keys(original, sender);
  Aead aead;
  if (auto done = set_up(aead, keys); !done) return done.error();
  const auto nonce = nonce_of(keys, number);
  const ByteView frames = bytes.subspan(frames_offset);
  Bytes packet = to_bytes(bytes);
  packet.resize(bytes.size() + kAeadTag);
  std::size_t sealed = frames.size() + kAeadTag;
  const int code =
      gnutls_aead_cipher_encrypt(aead.get(), nonce.data(), nonce.size(), bytes.data(), frames_offset, kAeadTag,
                                 frames.data(), frames.size(), packet.data() + frames_offset, &sealed);
  if (auto done = check(code); !done) return done.error();

  const auto mask = header_mask(keys, ByteView(packet).subspan(header->number_offset + kSampleOffset, kSample));
  if (!mask) return mask.error();
  toggle_header(packet, *header, *mask, number_size);
  return packet;
}

}  // namespace quicket::quic
