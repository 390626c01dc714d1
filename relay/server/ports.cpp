#include "relay/server/ports.hpp"

#include <algorithm>

namespace quicket::relay {

namespace {

// covers: a socket bound to `bound` receives what is sent to `local`.
bool covers(const Address& bound, const Address& local) noexcept {
  if (bound.port() != local.port()) return false;
  if (!bound.is_unspecified()) return bound == local;
  return bound.is_v4() ? local.is_v4() : true;  // an IPv4 socket beside it comes first
}

void add(UdpCounters& sum, const UdpCounters& one) noexcept {
  sum.received += one.received;
  sum.received_messages += one.received_messages;
  sum.received_too_large += one.received_too_large;
  sum.receive_errors += one.receive_errors;
  sum.sent += one.sent;
  sum.sent_messages += one.sent_messages;
  sum.dropped_full += one.dropped_full;
  sum.dropped_too_large += one.dropped_too_large;
  sum.dropped_refused += one.dropped_refused;
}

}  // namespace

Outcome<Ports> Ports::bind(const std::vector<Address>& addresses, const UdpOptions& options) {
  if (addresses.empty())
    return Failure{make_error_code(boost::system::errc::invalid_argument), "no address to listen on"};
  UdpOptions own = options;
  own.dual_stack = options.dual_stack && std::ranges::none_of(addresses, &Address::is_v4);
  Ports ports;
  std::vector<Address> ordered = addresses;  // IPv4 first: see covers()
  std::stable_partition(ordered.begin(), ordered.end(), [](const Address& address) { return address.is_v4(); });
  for (const Address& address : ordered) {
    auto socket = UdpSocket::bind(address, own);
    if (!socket) return Failure{socket.error(), "udp " + address.to_string() + ": " + socket.error().message()};
    ports.sockets_.push_back(std::move(*socket));
  }
  return ports;
}

UdpSocket* Ports::socket_of(const Address& local) noexcept {
  const auto found =
      std::ranges::find_if(sockets_, [&](const UdpSocket& one) { return covers(one.local_address(), local); });
  return found == sockets_.end() ? nullptr : &*found;
}

void Ports::send(const AddressPair& addresses, const Batch& batch) {
  if (UdpSocket* socket = socket_of(addresses.local)) return socket->send(addresses, batch);
  if (batch.segment_size > 0)
    rest_.dropped_refused += (batch.bytes.size() + batch.segment_size - 1) / batch.segment_size;
}

std::vector<Address> Ports::local_addresses() const {
  std::vector<Address> addresses;
  for (const UdpSocket& socket : sockets_) addresses.push_back(socket.local_address());
  return addresses;
}

UdpCounters Ports::counters() const {
  UdpCounters sum = rest_;
  for (const UdpSocket& socket : sockets_) add(sum, socket.counters());
  return sum;
}

void Ports::close() {
  rest_ = counters();
  sockets_.clear();
}

}  // namespace quicket::relay
