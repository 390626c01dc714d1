#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <vector>

namespace quicket {

// CompactDatagram is one datagram of a flight as an offer carries it (FlightDatagram in proto/quicket/v1/offer.proto).
struct CompactDatagram {
  Bytes packet;  // the unprotected Initial packet without trailing PADDING and tag; the whole datagram when size is 0
  std::size_t size = 0;  // of the datagram, in bytes

  friend bool operator==(const CompactDatagram&, const CompactDatagram&) = default;
};

// Sizes of a flight's datagrams in bytes: a client pads to the smallest (RFC 9000 section 14.1), the largest is
// Ethernet's.
constexpr std::size_t kMinFlightDatagram = 1200, kMaxFlightDatagram = 1500;

// compact_datagram leaves out what can be computed. Lossless by construction: it rebuilds the datagram and compares;
// when they differ, or it is no datagram of exactly one Initial packet, the result holds the datagram itself.
CompactDatagram compact_datagram(ByteView datagram);

// expand_datagram rebuilds the datagram byte for byte. Total.
// Errors: kOfferMalformed: not in this form, or of a size that no datagram of a flight has.
Result<Bytes> expand_datagram(const CompactDatagram& compact);

// check_flight: every datagram starts with a version 1 Initial packet, and all have the same connection IDs.
// Errors: kOfferMalformed.
Result<void> check_flight(const std::vector<Bytes>& flight);

}  // namespace quicket
