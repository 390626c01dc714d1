#pragma once

#include <quicket/address.hpp>

#include "core/quic/types.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <optional>

namespace quicket {

// Room for the ancillary data of one message, both ways. On a dual-stack socket the kernel describes an IPv4 datagram
// twice: by an IPv4 and by an IPv6 control message.
struct alignas(cmsghdr) ControlBuffer {
  std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(in6_pktinfo)) + 3 * CMSG_SPACE(sizeof(int))>
      bytes;
};

// ReceivedControl is what ancillary data says of a message that came in.
struct ReceivedControl {
  std::optional<Address> local;  // where it was sent to; port 0
  quic::Ecn ecn = quic::Ecn::kNotEct;
  std::size_t segment_size = 0;  // bytes of each datagram but the last, where the kernel joined several; else 0
};

// read_control reads the ancillary data of `message` (IP_PKTINFO, IPV6_PKTINFO, IP_TOS, IPV6_TCLASS, UDP_GRO), unknown
// kinds ignored.
ReceivedControl read_control(const msghdr& message) noexcept;

// write_control puts the source address, unless it is unspecified, the ECN mark, and where the message is to be cut
// into datagrams (0: nowhere; UDP_SEGMENT) into `buffer` and points `message` at it. Both addresses are of one kind.
void write_control(msghdr& message, ControlBuffer& buffer, const AddressPair& addresses, quic::Ecn ecn,
                   std::size_t segment_size) noexcept;

}  // namespace quicket
