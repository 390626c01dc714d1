#pragma once

#include "core/quic/connection.hpp"
#include "transports/udp/socket.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace quicket::bench {

constexpr std::uint32_t kWindow = 256;  // connection IDs of each end that a relay knows

// now reads the clock that everything here runs on.
TimePoint now();

// policy_of gives one end's policy; `own` tells the two apart.
quic::Policy policy_of(quic::Role role, std::uint8_t own);

// WireEnd is one end of a QUIC connection on a UDP socket of its own, driven by one thread.
class WireEnd {
 public:
  // client connects to `remote`, server waits for the first datagram and answers to where it came from.
  static WireEnd client(const Address& remote);
  static WireEnd server();

  // redirect makes a client send to another address than its peer's own: a relay's.
  void redirect(const Address& remote) { remote_ = remote; }

  const Address& address() const { return socket_.local_address(); }
  // send pumps `bytes` through a new stream and returns when all is acknowledged; receive reads and discards until the
  // end of the first stream, and gives the bytes. Both give up at `stop`.
  void send(std::size_t bytes, const std::atomic<bool>& stop);
  std::size_t receive(const std::atomic<bool>& stop);

 private:
  explicit WireEnd(UdpSocket socket) : socket_(std::move(socket)) {}
  void turn();

  UdpSocket socket_;
  std::unique_ptr<quic::Connection> connection_;
  Address remote_;
};

}  // namespace quicket::bench
