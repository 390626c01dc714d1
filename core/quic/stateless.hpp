#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quicket::quic {

// What a server sends without a connection: each function answers one datagram with one. Whether an answer is due at
// all, and how often, is for the caller to decide; none is larger than what it answers.

// A client's first datagram has at least this size (RFC 9000 section 14.1); smaller ones are not answered.
constexpr std::size_t kSmallestFirstDatagram = 1200;

// version_negotiation answers a long header of a version that we do not speak (RFC 9000 section 6.1).
// nullopt: no answer is due (version 1, a Version Negotiation, a short header, a datagram under 1200 bytes). Total.
std::optional<Bytes> version_negotiation(ByteView datagram);

// stateless_reset answers a short header packet for `destination` (RFC 9000 section 10.3), with a smaller datagram, so
// that two hosts never reset each other for ever. `secret` is what Policy::reset_secret was when the ID was issued.
// nullopt: the datagram is too small for that.
std::optional<Bytes> stateless_reset(ByteView datagram, const ConnectionId& destination, ByteView secret);

// FirstPacket is what the Initial that starts a connection says before its packet number. `token` points into the
// datagram.
struct FirstPacket {
  ConnectionId destination;  // chosen by the client, or by our Retry
  ConnectionId source;
  ByteView token;
};

// read_first_packet: nullopt when this datagram starts no version 1 connection (type, ID lengths, under 1200 bytes).
// Total.
std::optional<FirstPacket> read_first_packet(ByteView datagram);

// retry makes the client prove its address (RFC 9000 section 8.1.2): it comes again with `source` as destination and a
// token that check_retry_token() knows. `secret` has 32 bytes; `remote` is the client's address. Errors: kInternal.
Result<Bytes> retry(const FirstPacket& packet, const Address& remote, const ConnectionId& source, ByteView secret,
                    TimePoint now);

// TokenVerdict is what the token of a first packet proves.
struct TokenVerdict {
  enum class Kind {
    kNone,     // nothing: no token, or not one of ours
    kValid,    // the client's address
    kInvalid,  // a Retry token of ours that is too old or another client's: refuse with INVALID_TOKEN
  };
  Kind kind = Kind::kNone;
  ConnectionId original_destination;  // with kValid: of the packet that Retry answered
};
TokenVerdict check_retry_token(const FirstPacket& packet, const Address& remote, ByteView secret, Duration lifetime,
                               TimePoint now);

// Transport error codes of refusals (RFC 9000 section 20.1).
constexpr std::uint64_t kConnectionRefused = 0x02;
constexpr std::uint64_t kInvalidToken = 0x0b;

// refusal is an Initial with CONNECTION_CLOSE (of type 0x1c). `text` is cut to 100 bytes. Errors: kInternal.
Result<Bytes> refusal(const FirstPacket& packet, std::uint64_t code, std::string_view text);

}  // namespace quicket::quic
