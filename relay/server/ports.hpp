#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>

#include "core/transport/sink.hpp"
#include "transports/udp/socket.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace quicket::relay {

// Ports are a relay's UDP sockets, as one sink: a datagram leaves by the socket that holds the local address of its
// address pair. Where none does, it is dropped and counted. Thread safety: none.
class Ports final : public DatagramSink {
 public:
  // bind makes a socket for each address. An unspecified IPv6 address takes IPv4 too, unless an IPv4 address is among
  // them. Errors: the operating system's, with the address in question; errc::invalid_argument for no address at all.
  static Outcome<Ports> bind(const std::vector<Address>& addresses, const UdpOptions& options);

  Ports(Ports&&) noexcept = default;
  Ports& operator=(Ports&&) noexcept = default;

  void send(const AddressPair& addresses, const Batch& batch) override;

  // The sockets stay where they are until the Ports go.
  std::deque<UdpSocket>& sockets() noexcept { return sockets_; }
  std::vector<Address> local_addresses() const;
  // counters is the sum over all sockets, closed ones too.
  UdpCounters counters() const;

  // close gives the addresses free. What is sent then goes nowhere.
  void close();

 private:
  Ports() = default;
  UdpSocket* socket_of(const Address& local) noexcept;

  std::deque<UdpSocket> sockets_;
  UdpCounters rest_;  // of closed sockets, and datagrams for local addresses that no socket holds
};

}  // namespace quicket::relay
