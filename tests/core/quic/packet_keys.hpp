#pragma once

#include <quicket/bytes.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quicket::quic::test {

// PacketKeys protect one direction of a connection's 1-RTT packets (RFC 9001 section 5), without key updates: with them
// a test writes and reads packets that no engine would. For AES-128-GCM, which peers prefer.
class PacketKeys {
 public:
  // The traffic secret is what a key log calls CLIENT_TRAFFIC_SECRET_0 or SERVER_TRAFFIC_SECRET_0: 32 bytes.
  explicit PacketKeys(ByteView traffic_secret);
  // from_log finds a label's secret in lines of the SSLKEYLOGFILE format; nullopt: not there yet.
  static std::optional<PacketKeys> from_log(std::string_view log, std::string_view label);

  // seal makes a short header packet with these frames and a packet number of 4 bytes.
  Bytes seal(const ConnectionId& destination, std::uint32_t number, ByteView frames,
             std::uint8_t first_byte = 0x43) const;

  // open gives the frames of a short header packet at the start of `datagram`; nullopt: these keys do not open it.
  // Packet numbers are expected to go up.
  std::optional<Bytes> open(ByteView datagram, std::size_t id_length);

 private:
  Bytes key_, iv_, header_key_;
  std::uint64_t next_ = 0;  // packet number
};

}  // namespace quicket::quic::test
