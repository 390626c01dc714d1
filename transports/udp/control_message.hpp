#pragma once

#include <quicket/address.hpp>

#include "core/quic/types.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <optional>

namespace quicket {

// Room for the ancillary data of one datagram, both ways. On a dual-stack socket the kernel describes an IPv4 datagram
// twice: by an IPv4 and by an IPv6 control message.
struct alignas(cmsghdr) ControlBuffer {
  std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int))>
      bytes;
};

// ReceivedControl is what ancillary data says of a datagram that came in.
struct ReceivedControl {
  std::optional<Address> local;  // where it was sent to; port 0
  quic::Ecn ecn = quic::Ecn::kNotEct;
};

// read_control reads the ancillary data of `message` (IP_PKTINFO, IPV6_PKTINFO, IP_TOS, IPV6_TCLASS), unknown kinds
// ignored.
ReceivedControl read_control(const msghdr& message) noexcept;

// write_control puts the source address, unless it is unspecified, and the ECN mark for a datagram to
// `addresses.remote` into `buffer` and points `message` at it. Both addresses are of one kind.
void write_control(msghdr& message, ControlBuffer& buffer, const AddressPair& addresses, quic::Ecn ecn) noexcept;

}  // namespace quicket
