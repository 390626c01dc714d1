#pragma once

#include "relay/forward/forwarder.hpp"
#include "relay/service/service.hpp"
#include "relay/table/route_table.hpp"
#include "transports/http3/server.hpp"
#include "transports/udp/socket.hpp"

#include <cstddef>

namespace quicket::relay {

// RelaySnapshot is what a relay has counted since it was made, and what it holds now. A value.
struct RelaySnapshot {
  ForwardCounters forwarded;
  TableCounters table;
  ServiceCounters service;
  transports::Http3Server::Counters http3;
  Mailboxes::Counters mailbox;
  UdpCounters udp;  // of all sockets together

  std::size_t registrations = 0;
  std::size_t sessions = 0;
  std::size_t connection_ids = 0;
  std::size_t http3_connections = 0;  // with those half open
  std::size_t http3_half_open = 0;
  std::size_t mailbox_messages = 0;
  std::size_t mailbox_bytes = 0;
  std::size_t mailbox_waiting = 0;  // recipients that wait for an offer
  Limits limits;
  bool draining = false;
};

}  // namespace quicket::relay
