#include "tests/bench/wire_end.hpp"

#include <algorithm>
#include <array>

#include <poll.h>
#include <time.h>

namespace quicket::bench {

namespace {

constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::size_t kBurst = 256;  // datagrams a turn
constexpr int kLongestWait = 50;     // ms

UdpSocket loopback_socket() { return UdpSocket::bind(Address::loopback(0)).value(); }

}  // namespace

TimePoint now() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

quic::Policy policy_of(quic::Role role, std::uint8_t own) {
  const Bytes seed(32, std::byte(own));
  return {.role = role,
          .cids = Schedule::create(seed, Owner::kPeer).value(),
          .tls = {.own = quic::Credentials::from_ed25519(seed).value(),
                  .verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; },
                  .alpn = {"quicket/1"},
                  .server_name = {}},
          .reset_secret = Bytes(32, std::byte{9})};
}

WireEnd WireEnd::client(const Address& remote) {
  WireEnd end(loopback_socket());
  end.remote_ = remote;
  // The first flight goes to an ID that the relay knows as the server's: here no offer carries it.
  const ConnectionId first = policy_of(quic::Role::kServer, 2).cids.at(kWindow);
  end.connection_ =
      quic::Connection::connect(policy_of(quic::Role::kClient, 1), quic::label_path(1), now(), first).value();
  return end;
}

WireEnd WireEnd::server() { return WireEnd(loopback_socket()); }

void WireEnd::turn() {
  const auto received = socket_.receive(
      [&](std::span<const Received> run) {
        for (const Received& datagram : run) {
          if (!connection_) {
            remote_ = datagram.addresses.remote;
            auto accepted =
                quic::Connection::accept(policy_of(quic::Role::kServer, 2), quic::label_path(1), datagram.bytes, now());
            if (!accepted) return;
            connection_ = std::move(*accepted);
          }
          connection_->receive(quic::label_path(1), datagram.ecn, datagram.bytes, now());
        }
      },
      kBurst);
  if (!connection_) {
    pollfd wait{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    poll(&wait, 1, kLongestWait);
    return;
  }
  if (connection_->deadline() && *connection_->deadline() <= now()) connection_->on_deadline(now());
  while (connection_->poll()) {
  }
  std::array<std::byte, kBuffer> buffer;
  while (!socket_.wants_write()) {
    const auto written = connection_->transmit(buffer, 64, now());
    if (!written) break;
    socket_.send(
        {.local = {}, .remote = remote_},
        {.bytes = ByteView(buffer).first(written->size), .segment_size = written->segment_size, .ecn = written->ecn});
  }
  socket_.flush();
  if (received && *received > 0) return;
  const auto deadline = connection_->deadline();
  const auto left = deadline ? std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count() : kLongestWait;
  pollfd wait{.fd = socket_.native_handle(),
              .events = static_cast<short>(socket_.wants_write() ? POLLIN | POLLOUT : POLLIN),
              .revents = 0};
  poll(&wait, 1, static_cast<int>(std::clamp<long>(left, 0, kLongestWait)));
}

void WireEnd::send(std::size_t bytes, const std::atomic<bool>& stop) {
  const Bytes block(256 * 1024, std::byte{0x5a});
  std::optional<quic::StreamId> stream;
  std::size_t written = 0;
  while (!stop && !connection_->is_closed()) {
    if (!stream && connection_->is_handshake_confirmed())
      stream = connection_->open_stream(quic::Direction::kUnidirectional).value();
    while (stream && written < bytes) {
      const std::size_t want = std::min(block.size(), bytes - written);
      const auto taken = connection_->write(*stream, ByteView(block).first(want), written + want == bytes);
      if (!taken || *taken == 0) break;
      written += *taken;
    }
    turn();
  }
}

std::size_t WireEnd::receive(const std::atomic<bool>& stop) {
  Bytes buffer(256 * 1024);
  std::size_t total = 0;
  constexpr quic::StreamId kFirstOfClient = 2;
  while (!stop) {
    turn();
    while (connection_) {
      const auto got = connection_->read(kFirstOfClient, buffer);
      if (!got) break;
      total += got->size;
      if (got->fin) return total;
      if (got->size == 0) break;
    }
  }
  return total;
}

}  // namespace quicket::bench
