#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/quic/connection.hpp"
#include "core/transport/transport.hpp"

#include <string>
#include <variant>

namespace quicket {

// What a link reports besides the events of its connection's streams and datagrams.

// Registered: one relay routes for us.
struct Registered {
  RelayHint relay;
  Address observed;
  Duration round_trip;
};

// OfferReady, to dialers: the offer is to be carried to the accepter now.
struct OfferReady {
  Bytes offer;
};

// Answered, to dialers: the accepter's first answer came in.
struct Answered {};

// Connected: both sides proved who they are, and agreed.
struct Connected {
  PeerId peer;
  std::string protocol;
};

// Disconnected is the last event.
struct Disconnected {
  Failure why;
  bool by_us = false;
};

using LinkEvent = std::variant<Registered, OfferReady, Answered, Connected, Disconnected, quic::Event>;

}  // namespace quicket
