#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/transport/relay_hint.hpp"
#include "core/transport/sink.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace quicket {

// Registration states which connection IDs must be routed to us: [first, first + num) of the schedule of `key`'s public
// half.
struct Registration {
  Identity key;  // of this one connection, never the device's own
  SessionSecret session;
  std::uint32_t first = 1;
  std::uint32_t num = 0;
  std::string peer_token;  // from the offer, where the dialer's relay gave one
};

// What a transport reports of one registration, named by its key.
// Opened: the registration is on its way and what send() is given from now on follows it on the same 4-tuple.
struct Opened {
  PeerId::Key key;
};
// Granted: the IDs [first, end) are routed to us. Comes again after each change.
struct Granted {
  PeerId::Key key;
  std::uint32_t first = 1, end = 1;
  Address observed;        // where the relay sees us
  Duration round_trip;     // to the relay
  std::string peer_token;  // for the offer of this registration; usually empty
};
// Refused: the transport will not route for this key; `final` says that trying again is useless (answered elsewhere,
// not allowed).
struct Refused {
  PeerId::Key key;
  Failure why;
  bool final = false;
};
// Interrupted: routes may be gone; the transport is registering again by itself.
struct Interrupted {
  PeerId::Key key;
  Failure why;
};
using TransportReport = std::variant<Opened, Granted, Refused, Interrupted>;

// Transport is one way to reach peers: a relay over UDP, later the same relay over TCP. It does no I/O and no waiting:
// it keeps registrations alive by itself until they are released. Every implementation passes tests/core/transport's
// conformance suite.
class Transport {
 public:
  virtual ~Transport() = default;

  // hold registers this window from now on. A call with the same key changes the window (it only grows and slides) and
  // is cheap when nothing changed.
  virtual void hold(const Registration& registration, TimePoint now) = 0;
  // release forgets a registration and tells the other end, if it can.
  virtual void release(const PeerId::Key& key, TimePoint now) = 0;
  // report takes the next thing that happened.
  virtual std::optional<TransportReport> report() = 0;
  // send puts peers' datagrams on the leg. Before Opened they are dropped and counted.
  virtual void send(const Batch& batch, DatagramSink& sink, TimePoint now) = 0;
  // hint describes this transport for an offer, without a peer token. Valid after the first Granted.
  virtual RelayHint hint() const = 0;
};

}  // namespace quicket
