#pragma once

#include "core/quic/connection.hpp"
#include "tests/bench/load.hpp"
#include "transports/udp/socket.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace quicket::bench {

constexpr std::uint32_t kWindow = 256;  // connection IDs of each end that a relay knows

// now reads the clock that everything here runs on.
TimePoint now();

// policy_of gives one end's policy; `own` tells the two apart.
quic::Policy policy_of(quic::Role role, std::uint8_t own, std::size_t max_udp_payload);

// WireEnd is one end of a QUIC connection on a UDP socket of its own, driven by one thread.
class WireEnd {
 public:
  // client connects to `remote`, server waits for the first datagram and answers to where it came from.
  // `max_udp_payload` as in quic::Policy.
  static WireEnd client(const Address& remote, std::size_t max_udp_payload);
  static WireEnd server(std::size_t max_udp_payload);

  // redirect makes a client send to another address than its peer's own: a relay's.
  void redirect(const Address& remote) { remote_ = remote; }

  const Address& address() const { return socket_.local_address(); }
  // send pumps a load through new streams and goes on until `stop`; receive reads and discards until the end of each of
  // the load's streams or `stop`, and gives the bytes.
  void send(const Load& load, const std::atomic<bool>& stop);
  std::size_t receive(const Load& load, const std::atomic<bool>& stop);

 private:
  WireEnd(UdpSocket socket, std::size_t max_udp_payload)
      : socket_(std::move(socket)), max_udp_payload_(max_udp_payload) {}
  void turn();
  void wait(Duration longest);

  UdpSocket socket_;
  std::size_t max_udp_payload_;
  std::unique_ptr<quic::Connection> connection_;
  Address remote_;
  Bytes buffer_ = Bytes(64 * 1024);                  // for what is sent
  std::vector<quic::StreamId> readable_, writable_;  // by the events of the last turn
};

}  // namespace quicket::bench
