#pragma once

#include "core/quic/initial.hpp"

#include <initializer_list>

namespace quicket::quic {

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

inline Bytes octets_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(std::byte(value));
  return bytes;
}

// InitialPlan is an Initial packet to be made.
struct InitialPlan {
  ConnectionId destination, source;
  Bytes token;
  Bytes frames;
  std::uint8_t first = 0xc0;  // long header, Initial, packet number of 1 byte
  std::uint32_t version = 1;
  std::uint8_t number = 0;
};

// unprotected_initial writes the packet without its protection; the length field takes two bytes.
inline Bytes unprotected_initial(const InitialPlan& plan) {
  Bytes packet{std::byte(plan.first)};
  for (int shift = 24; shift >= 0; shift -= 8)
    packet.push_back(std::byte(static_cast<std::uint8_t>(plan.version >> shift)));
  for (const ConnectionId& id : {plan.destination, plan.source}) {
    packet.push_back(std::byte(static_cast<std::uint8_t>(id.length())));
    append(packet, id.bytes());
  }
  packet.push_back(std::byte(static_cast<std::uint8_t>(plan.token.size())));  // at most 63
  append(packet, plan.token);
  const std::size_t length = 1 + plan.frames.size() + kAeadTag;
  packet.push_back(std::byte(static_cast<std::uint8_t>(0x40 | length >> 8)));
  packet.push_back(std::byte(static_cast<std::uint8_t>(length)));
  packet.push_back(std::byte(plan.number));
  append(packet, plan.frames);
  return packet;
}

}  // namespace quicket::quic
