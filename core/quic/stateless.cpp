#include "core/quic/stateless.hpp"

#include "core/base/hash.hpp"
#include "core/quic/state.hpp"

#include <algorithm>
#include <array>

#include <ngtcp2/ngtcp2_crypto.h>

namespace quicket::quic {

namespace {

constexpr std::size_t kLargestAnswer = 1200;
constexpr std::size_t kUsualReset = 43;  // bytes; like a small packet (RFC 9000 section 10.3)
constexpr std::size_t kSmallestReset = NGTCP2_MIN_STATELESS_RESET_RANDLEN + NGTCP2_STATELESS_RESET_TOKENLEN;
constexpr std::size_t kLongestText = 100;

// finish cuts a buffer to what a function of ngtcp2 says it wrote.
Result<Bytes> finish(Bytes buffer, ngtcp2_ssize written) {
  if (written <= 0) return make_error_code(Errc::kInternal);
  buffer.resize(static_cast<std::size_t>(written));
  return buffer;
}

// Remote gives an address as ngtcp2 takes it: only NativePath knows how, and the other end does not matter here.
class Remote {
 public:
  explicit Remote(const Address& address) : path_({.local = Address::loopback(0), .remote = address}) {}
  const ngtcp2_sockaddr* address() const { return path_.get()->remote.addr; }
  ngtcp2_socklen size() const { return path_.get()->remote.addrlen; }

 private:
  NativePath path_;
};

}  // namespace

std::optional<Bytes> version_negotiation(ByteView datagram) {
  if (datagram.size() < kSmallestFirstDatagram || (datagram[0] & std::byte{0x80}) == std::byte{0}) return std::nullopt;
  ngtcp2_version_cid ids;
  const int code = ngtcp2_pkt_decode_version_cid(&ids, octets(datagram), datagram.size(), 0);
  if (code != 0 && code != NGTCP2_ERR_VERSION_NEGOTIATION) return std::nullopt;
  if (ids.version == 0 || ids.version == NGTCP2_PROTO_VER_V1) return std::nullopt;

  std::array<std::byte, 1> unused{};
  random_fill(unused);
  const std::array<std::uint32_t, 1> versions{NGTCP2_PROTO_VER_V1};
  Bytes answer(kLargestAnswer);
  const ngtcp2_ssize written = ngtcp2_pkt_write_version_negotiation(
      octets(MutableByteView(answer)), answer.size(), std::to_integer<std::uint8_t>(unused[0]), ids.scid, ids.scidlen,
      ids.dcid, ids.dcidlen, versions.data(), versions.size());
  auto finished = finish(std::move(answer), written);
  return finished ? std::optional(std::move(*finished)) : std::nullopt;
}

std::optional<Bytes> stateless_reset(ByteView datagram, const ConnectionId& destination, ByteView secret) {
  if (datagram.size() <= kSmallestReset) return std::nullopt;
  const std::size_t size = std::min(datagram.size() - 1, kUsualReset);
  std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN> token;
  const ngtcp2_cid id = to_native(destination);
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), octets(secret), secret.size(), &id) != 0)
    return std::nullopt;
  Bytes noise(size - token.size());
  random_fill(noise);
  Bytes answer(size);
  const ngtcp2_ssize written = ngtcp2_pkt_write_stateless_reset(octets(MutableByteView(answer)), answer.size(),
                                                                token.data(), octets(ByteView(noise)), noise.size());
  auto finished = finish(std::move(answer), written);
  return finished ? std::optional(std::move(*finished)) : std::nullopt;
}

std::optional<FirstPacket> read_first_packet(ByteView datagram) {
  ngtcp2_pkt_hd header;
  if (datagram.size() < kSmallestFirstDatagram) return std::nullopt;
  if (ngtcp2_accept(&header, octets(datagram), datagram.size()) != 0 || header.version != NGTCP2_PROTO_VER_V1)
    return std::nullopt;
  return FirstPacket{from_native(header.dcid), from_native(header.scid), byte_view(header.token, header.tokenlen)};
}

Result<Bytes> retry(const FirstPacket& packet, const Address& remote, const ConnectionId& source, ByteView secret,
                    TimePoint now) {
  const Remote to(remote);
  const ngtcp2_cid own = to_native(source), original = to_native(packet.destination), client = to_native(packet.source);
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2> token;
  const ngtcp2_ssize size =
      ngtcp2_crypto_generate_retry_token2(token.data(), octets(secret), secret.size(), NGTCP2_PROTO_VER_V1,
                                          to.address(), to.size(), &own, &original, to_native(now));
  if (size < 0) return make_error_code(Errc::kInternal);
  Bytes answer(kLargestAnswer);
  const ngtcp2_ssize written =
      ngtcp2_crypto_write_retry(octets(MutableByteView(answer)), answer.size(), NGTCP2_PROTO_VER_V1, &client, &own,
                                &original, token.data(), static_cast<std::size_t>(size));
  return finish(std::move(answer), written);
}

TokenVerdict check_retry_token(const FirstPacket& packet, const Address& remote, ByteView secret, Duration lifetime,
                               TimePoint now) {
  if (packet.token.empty() || packet.token[0] != std::byte{NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2}) return {};
  const Remote from(remote);
  const ngtcp2_cid destination = to_native(packet.destination);
  ngtcp2_cid original;
  const int code = ngtcp2_crypto_verify_retry_token2(&original, octets(packet.token), packet.token.size(),
                                                     octets(secret), secret.size(), NGTCP2_PROTO_VER_V1, from.address(),
                                                     from.size(), &destination, to_native(lifetime), to_native(now));
  switch (code) {
    case 0:
      return {TokenVerdict::Kind::kValid, from_native(original)};
    case NGTCP2_CRYPTO_ERR_VERIFY_TOKEN:
      return {TokenVerdict::Kind::kInvalid, {}};
    default:
      return {};
  }
}

Result<Bytes> refusal(const FirstPacket& packet, std::uint64_t code, std::string_view text) {
  const ngtcp2_cid client = to_native(packet.source), destination = to_native(packet.destination);
  const ByteView reason = as_bytes(text.substr(0, kLongestText));
  Bytes answer(kLargestAnswer);
  const ngtcp2_ssize written =
      ngtcp2_crypto_write_connection_close(octets(MutableByteView(answer)), answer.size(), NGTCP2_PROTO_VER_V1, &client,
                                           &destination, code, octets(reason), reason.size());
  return finish(std::move(answer), written);
}

}  // namespace quicket::quic
