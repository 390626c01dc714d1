#include "tests/core/quic/packet_keys.hpp"

#include "core/quic/gnutls_check.hpp"
#include "tests/core/base/hex.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <gnutls/crypto.h>

namespace quicket::quic::test {

namespace {

constexpr std::size_t kSecret = 32, kTag = 16, kSample = 16, kSampleOffset = 4, kNumber = 4;

gnutls_datum_t datum(ByteView bytes) {
  return {const_cast<unsigned char*>(octets(bytes)), static_cast<unsigned>(bytes.size())};  // GnuTLS only reads it
}

void expect(int code) {
  BOOST_ASSERT(code >= 0);
  static_cast<void>(code);
}

// expand_label is HKDF-Expand-Label (RFC 8446 section 7.1).
Bytes expand_label(ByteView secret, std::string_view label, std::size_t size) {
  const std::string whole = "tls13 " + std::string(label);
  Bytes info{std::byte{0}, std::byte(size), std::byte(whole.size())};
  info.insert(info.end(), as_bytes(whole).begin(), as_bytes(whole).end());
  info.push_back(std::byte{0});
  Bytes out(size);
  const gnutls_datum_t key = datum(secret), context = datum(info);
  expect(gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &context, out.data(), out.size()));
  return out;
}

std::array<std::byte, kSample> mask_of(ByteView header_key, ByteView sample) {
  const std::array<std::byte, 16> zeros{};  // a block of ECB is one of CBC with a zero IV
  const gnutls_datum_t key = datum(header_key), iv = datum(zeros);
  GnutlsHandle<gnutls_cipher_hd_t, gnutls_cipher_deinit> cipher;
  expect(gnutls_cipher_init(cipher.out(), GNUTLS_CIPHER_AES_128_CBC, &key, &iv));
  std::array<std::byte, kSample> mask;
  expect(gnutls_cipher_encrypt2(cipher.get(), sample.data(), sample.size(), mask.data(), mask.size()));
  return mask;
}

Bytes nonce_of(const Bytes& iv, std::uint64_t number) {
  Bytes nonce = iv;
  for (std::size_t i = 0; i < 8; ++i) nonce[nonce.size() - 1 - i] ^= std::byte(number >> (8 * i));
  return nonce;
}

using Aead = GnutlsHandle<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>;

void set_up(Aead& aead, ByteView key) {
  const gnutls_datum_t secret = datum(key);
  expect(gnutls_aead_cipher_init(aead.out(), GNUTLS_CIPHER_AES_128_GCM, &secret));
}

}  // namespace

PacketKeys::PacketKeys(ByteView secret)
    : key_(expand_label(secret, "quic key", 16)),
      iv_(expand_label(secret, "quic iv", 12)),
      header_key_(expand_label(secret, "quic hp", 16)) {
  BOOST_ASSERT(secret.size() == kSecret);
}

std::optional<PacketKeys> PacketKeys::from_log(std::string_view log, std::string_view label) {
  const auto at = log.find(std::string(label) + ' ');
  if (at == log.npos) return std::nullopt;
  constexpr std::size_t kRandom = 32;
  const auto secret = from_hex(log.substr(at + label.size() + 2 + 2 * kRandom, 2 * kSecret));
  return PacketKeys(secret);
}

Bytes PacketKeys::seal(const ConnectionId& destination, std::uint32_t number, ByteView frames,
                       std::uint8_t first_byte) const {
  Bytes packet{std::byte(first_byte)};
  packet.insert(packet.end(), destination.bytes().begin(), destination.bytes().end());
  const std::size_t number_at = packet.size(), header = number_at + kNumber;
  for (int shift = 24; shift >= 0; shift -= 8) packet.push_back(std::byte(number >> shift));
  std::size_t sealed = frames.size() + kTag;
  packet.resize(header + sealed);
  Aead aead;
  set_up(aead, key_);
  const Bytes nonce = nonce_of(iv_, number);
  expect(gnutls_aead_cipher_encrypt(aead.get(), nonce.data(), nonce.size(), packet.data(), header, kTag, frames.data(),
                                    frames.size(), packet.data() + header, &sealed));
  const auto mask = mask_of(header_key_, ByteView(packet).subspan(number_at + kSampleOffset, kSample));
  packet[0] ^= mask[0] & std::byte{0x1f};
  for (std::size_t i = 0; i < kNumber; ++i) packet[number_at + i] ^= mask[1 + i];
  return packet;
}

std::optional<Bytes> PacketKeys::open(ByteView datagram, std::size_t id_length) {
  const std::size_t number_at = 1 + id_length;
  if (datagram.size() < number_at + kSampleOffset + kSample || (datagram[0] & std::byte{0x80}) != std::byte{0})
    return std::nullopt;
  Bytes packet = to_bytes(datagram);
  const auto mask = mask_of(header_key_, datagram.subspan(number_at + kSampleOffset, kSample));
  packet[0] ^= mask[0] & std::byte{0x1f};
  const std::size_t width = 1 + std::to_integer<std::size_t>(packet[0] & std::byte{3}), header = number_at + width;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) {
    packet[number_at + i] ^= mask[1 + i];
    number = number << 8 | std::to_integer<std::uint64_t>(packet[number_at + i]);
  }
  const std::uint64_t window = std::uint64_t{1} << (8 * width);  // RFC 9000 section A.3
  number += next_ - next_ % window;
  if (number + window / 2 <= next_) number += window;

  Aead aead;
  set_up(aead, key_);
  const Bytes nonce = nonce_of(iv_, number);
  Bytes frames(packet.size() - header);
  std::size_t size = frames.size();
  const int code = gnutls_aead_cipher_decrypt(aead.get(), nonce.data(), nonce.size(), packet.data(), header, kTag,
                                              packet.data() + header, packet.size() - header, frames.data(), &size);
  if (code < 0) return std::nullopt;
  next_ = number + 1;
  frames.resize(size);
  return frames;
}

}  // namespace quicket::quic::test
