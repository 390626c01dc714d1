#include "transports/udp/control_message.hpp"

#include <netinet/udp.h>

#include <cstring>

namespace quicket {

namespace {

template <class T>
std::optional<T> content(const cmsghdr& header) noexcept {
  if (header.cmsg_len < CMSG_LEN(sizeof(T))) return std::nullopt;
  T value;
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

std::optional<Address> address_of(const void* ip, std::size_t size) noexcept {
  const auto address = Address::from({static_cast<const std::byte*>(ip), size}, 0);
  return address ? std::optional(*address) : std::nullopt;
}

quic::Ecn ecn_of(int traffic_class) noexcept { return static_cast<quic::Ecn>(traffic_class & 3); }

template <class T>
void append(msghdr& message, ControlBuffer& buffer, int level, int type, const T& value) noexcept {
  auto* header = reinterpret_cast<cmsghdr*>(buffer.bytes.data() + message.msg_controllen);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  message.msg_controllen += CMSG_SPACE(sizeof value);
}

}  // namespace

ReceivedControl read_control(const msghdr& message) noexcept {
  ReceivedControl control;
  auto* walked = const_cast<msghdr*>(&message);  // CMSG_NXTHDR takes no const
  for (const cmsghdr* header = CMSG_FIRSTHDR(walked); header != nullptr;
       header = CMSG_NXTHDR(walked, const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      // ipi_spec_dst is an address of this host, also when the datagram came by broadcast.
      if (const auto info = content<in_pktinfo>(*header)) control.local = address_of(&info->ipi_spec_dst, 4);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      const auto info = content<in6_pktinfo>(*header);
      if (info && !control.local) control.local = address_of(&info->ipi6_addr, 16);
    } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) {
      if (const auto tos = content<std::uint8_t>(*header)) control.ecn = ecn_of(*tos);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
      if (const auto traffic_class = content<int>(*header)) control.ecn = ecn_of(*traffic_class);
    } else if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO) {
      if (const auto size = content<int>(*header); size && *size > 0)
        control.segment_size = static_cast<std::size_t>(*size);
    }
  }
  return control;
}

void write_control(msghdr& message, ControlBuffer& buffer, const AddressPair& addresses, quic::Ecn ecn,
                   std::size_t segment_size) noexcept {
  message.msg_control = buffer.bytes.data();
  message.msg_controllen = 0;
  buffer.bytes.fill(std::byte{0});
  const bool v4 = addresses.remote.is_v4();
  if (!addresses.local.is_unspecified()) {
    if (v4) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, addresses.local.ip().data(), 4);
      append(message, buffer, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, addresses.local.ip().data(), 16);
      append(message, buffer, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
  if (ecn != quic::Ecn::kNotEct) {
    const int value = static_cast<int>(ecn);
    append(message, buffer, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, value);
  }
  if (segment_size > 0) append(message, buffer, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment_size));
  if (message.msg_controllen == 0) message.msg_control = nullptr;
}

}  // namespace quicket
