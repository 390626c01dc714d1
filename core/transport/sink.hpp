#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>

#include "core/quic/types.hpp"

namespace quicket {

// Batch is one or more datagrams for one place: `bytes` cut into pieces of `segment_size` (the last may be shorter).
struct Batch {
  ByteView bytes;
  std::size_t segment_size = 0;
  quic::Ecn ecn = quic::Ecn::kNotEct;
};

// Received is one datagram as it came in: `bytes` is borrowed for the call that it is an argument of.
struct Received {
  AddressPair addresses;
  quic::Ecn ecn = quic::Ecn::kNotEct;
  ByteView bytes;
};

// DatagramSink takes datagrams that are to leave now: a socket, or a simulated wire. It copies what it keeps, never
// blocks and never fails: what it cannot send is lost and counted there, as on any network.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void send(const AddressPair& addresses, const Batch& batch) = 0;
};

}  // namespace quicket
