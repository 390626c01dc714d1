#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace quicket::quic {

enum class Role { kClient, kServer };

// Ecn is the ECN field of the IP header (RFC 3168), as in its two bits.
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

// Path is what QUIC knows of a path. For HTTP/3 it is the real 4-tuple. Between peers both addresses are synthetic:
// the local one is a label, the remote one is constant, and the driver keeps the real addresses (label_path()).
using Path = AddressPair;

// label_path makes the synthetic path of a label.
Path label_path(std::uint32_t label) noexcept;

// StreamId as in RFC 9000 section 2.1.
using StreamId = std::int64_t;
constexpr bool is_unidirectional(StreamId id) noexcept { return (id & 2) != 0; }
constexpr bool is_server_initiated(StreamId id) noexcept { return (id & 1) != 0; }

enum class Direction { kBidirectional, kUnidirectional };

// Transmit describes what transmit() wrote: `size` bytes for one path, as datagrams of `segment_size` bytes each
// (the last may be shorter), all with the same ECN mark.
struct Transmit {
  Path path;
  Ecn ecn = Ecn::kNotEct;
  std::size_t size = 0;
  std::size_t segment_size = 0;
};

// Arrival says what a datagram that came in was worth.
enum class Arrival {
  kNothing,  // no packet in it could be decrypted
  kOlder,    // those that could be came before, or were overtaken
  kLatest,   // one of them has a larger number than all before it
};

// CloseReason says why a connection ended.
struct CloseReason {
  enum class Kind {
    kLocal,        // close() here, or an error found here
    kTransport,    // CONNECTION_CLOSE of type 0x1c from the other side
    kApplication,  // CONNECTION_CLOSE of type 0x1d from the other side
    kIdle,         // idle timeout
    kHandshake,    // handshake timeout
    kReset,        // stateless reset
  };
  Kind kind = Kind::kLocal;
  std::uint64_t code = 0;  // QUIC error code (RFC 9000 section 20), or the application's
  std::string text;        // reason phrase, as received: for display, never to be trusted
  error_code error;        // the same as an error of ours
};

// What a connection reports, in order, through Connection::poll().
struct HandshakeCompleted {};  // keys are there and the other side's certificate was accepted
struct HandshakeConfirmed {};  // RFC 9001 section 4.1.2
struct StreamOpened {
  StreamId id;
};  // by the other side
struct StreamReadable {
  StreamId id;
};  // read() gives bytes or the end; edge-triggered
struct StreamWritable {
  StreamId id;
};  // write() takes bytes again; after it took less than given
struct StreamReset {
  StreamId id;
  std::uint64_t code;
};  // the other side gave up sending
struct StreamStopped {
  StreamId id;
  std::uint64_t code;
};  // the other side no longer reads
struct StreamClosed {
  StreamId id;
};  // both directions are done; the id is gone
struct StreamsAvailable {
  Direction direction;
};                           // open_stream() may succeed again; after it was refused
struct DatagramReceived {};  // receive_datagram() has one; edge-triggered
struct ConnectionIdIssued {
  ConnectionId id;
};  // datagrams may arrive for it from now on
struct ConnectionIdRetired {
  ConnectionId id;
};  // none will any more
struct PathValidated {
  Path path;
  bool ok;
};  // RFC 9000 section 8.2
struct Closed {
  CloseReason reason;
};  // last event but ConnectionIdRetired

using Event = std::variant<HandshakeCompleted, HandshakeConfirmed, StreamOpened, StreamReadable, StreamWritable,
                           StreamReset, StreamStopped, StreamClosed, StreamsAvailable, DatagramReceived,
                           ConnectionIdIssued, ConnectionIdRetired, PathValidated, Closed>;

}  // namespace quicket::quic
