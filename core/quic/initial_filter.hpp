#pragma once

#include <quicket/bytes.hpp>

#include "core/cid/connection_id.hpp"

namespace quicket::quic {

// FrozenDial is what a dialer whose QUIC clock stands still knows of its connection.
struct FrozenDial {
  ConnectionId first_id;     // own: where the answer goes to
  ConnectionId original_id;  // destination ID of the first flight, from which the Initial keys derive
  std::size_t peer_length = ConnectionId::kDefaultLength;  // of the other side's IDs, in bytes
};

// FrozenVerdict says what a frozen dialer does with a datagram (docs/protocol.md "Handshake").
enum class FrozenVerdict {
  kFeed,     // feed the whole datagram, at the frozen instant: it begins with an answer to the flight
  kRefusal,  // an authentic Initial with CONNECTION_CLOSE; a sealed dial ends with it: only the accepter can know the
             // keys
  kOther,    // must not reach the QUIC stack before the clock resumes
};

// judge_while_frozen is a pure function of its arguments. Total.
// kFeed: a version 1 Initial without a token, to first_id, from an ID of the peer form (peer_length bytes, top bit
// clear), that decrypts with the server's Initial keys and holds nothing but PADDING, PING, ACK and CRYPTO, with a
// ServerHello at offset 0. Who has read an unsealed offer can forge both kFeed and kRefusal.
FrozenVerdict judge_while_frozen(ByteView datagram, const FrozenDial& dial);

}  // namespace quicket::quic
