#pragma once

#include "transports/udp/socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

constexpr int kPatienceMs = 5'000;

struct Datagram {
  AddressPair addresses;
  quic::Ecn ecn;
  Bytes bytes;
};

inline Address address(const std::string& text) { return Address::parse(text).value(); }

inline UdpSocket bound(const std::string& text, const UdpOptions& options = {}) {
  return UdpSocket::bind(address(text), options).value();
}

inline bool has_ipv6() { return UdpSocket::bind(address("[::1]:0")).has_value(); }

// take waits for `count` datagrams; fewer when they do not come.
inline std::vector<Datagram> take(UdpSocket& socket, std::size_t count) {
  std::vector<Datagram> taken;
  while (taken.size() < count) {
    pollfd readable{.fd = socket.native_handle(), .events = POLLIN};
    if (::poll(&readable, 1, kPatienceMs) != 1) break;
    const auto received = socket.receive(
        [&](std::span<const Received> run) {
          for (const Received& one : run) taken.push_back({one.addresses, one.ecn, to_bytes(one.bytes)});
        },
        count - taken.size());
    EXPECT_TRUE(received.has_value());
  }
  return taken;
}

inline void send(UdpSocket& socket, const AddressPair& addresses, std::string_view text,
                 quic::Ecn ecn = quic::Ecn::kNotEct) {
  socket.send(addresses, {.bytes = as_bytes(text), .segment_size = text.size(), .ecn = ecn});
  socket.flush();
}

inline AddressPair to(const UdpSocket& socket) { return {.local = {}, .remote = socket.local_address()}; }

}  // namespace quicket
