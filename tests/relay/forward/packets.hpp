#pragma once

#include <quicket/bytes.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>

namespace quicket::relay {

// Datagrams as they look to who has no keys: header, then filling.

inline void append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

inline void append(Bytes& bytes, const ConnectionId& id) {
  bytes.push_back(std::byte(id.length()));
  append(bytes, id.bytes());
}

inline Bytes filled(Bytes header, std::size_t size) {
  for (std::size_t i = header.size(); i < size; ++i) header.push_back(std::byte(i * 31 + 7));
  header.resize(size);
  return header;
}

inline Bytes short_packet(const ConnectionId& destination, std::size_t size = 100) {
  Bytes bytes{std::byte{0x41}};
  append(bytes, destination.bytes());
  return filled(std::move(bytes), size);
}

// long_packet: `first` is 0xc0 for an Initial, 0xe0 for a Handshake packet.
inline Bytes long_packet(const ConnectionId& destination, const ConnectionId& source, std::size_t size = 1200,
                         std::uint8_t first = 0xc3, std::uint32_t version = 1) {
  Bytes bytes{std::byte(first)};
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(std::byte(version >> shift));
  append(bytes, destination);
  append(bytes, source);
  return filled(std::move(bytes), size);
}

// cid repeats one byte: its top bit says whether it has a peer's form.
inline ConnectionId cid(std::uint8_t value, std::size_t length = 12) {
  return ConnectionId::from(Bytes(length, std::byte(value))).value();
}

}  // namespace quicket::relay
