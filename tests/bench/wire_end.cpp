#include "tests/bench/wire_end.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <poll.h>
#include <time.h>

namespace quicket::bench {

namespace {

constexpr std::size_t kBurst = 256;  // datagrams a turn
constexpr Duration kLongestWait = std::chrono::milliseconds(50);

UdpSocket loopback_socket() { return UdpSocket::bind(Address::loopback(0)).value(); }

}  // namespace

TimePoint now() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

quic::Policy policy_of(quic::Role role, std::uint8_t own, std::size_t max_udp_payload) {
  const Bytes seed(32, std::byte(own));
  return {.role = role,
          .cids = Schedule::create(seed, Owner::kPeer).value(),
          .tls = {.own = quic::Credentials::from_ed25519(seed).value(),
                  .verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; },
                  .alpn = {"quicket/1"},
                  .server_name = {}},
          .reset_secret = Bytes(32, std::byte{9}),
          .max_udp_payload = max_udp_payload};
}

WireEnd WireEnd::client(const Address& remote, std::size_t max_udp_payload) {
  WireEnd end(loopback_socket(), max_udp_payload);
  end.remote_ = remote;
  // The first flight goes to an ID that the relay knows as the server's: here no offer carries it.
  const ConnectionId first = policy_of(quic::Role::kServer, 2, max_udp_payload).cids.at(kWindow);
  end.connection_ =
      quic::Connection::connect(policy_of(quic::Role::kClient, 1, max_udp_payload), quic::label_path(1), now(), first)
          .value();
  return end;
}

WireEnd WireEnd::server(std::size_t max_udp_payload) { return WireEnd(loopback_socket(), max_udp_payload); }

void WireEnd::turn() {
  const auto received = socket_.receive(
      [&](std::span<const Received> run) {
        const TimePoint time = now();
        for (const Received& datagram : run) {
          if (!connection_) {
            remote_ = datagram.addresses.remote;
            auto accepted = quic::Connection::accept(policy_of(quic::Role::kServer, 2, max_udp_payload_),
                                                     quic::label_path(1), datagram.bytes, time);
            if (!accepted) return;
            connection_ = std::move(*accepted);
          }
          connection_->receive(quic::label_path(1), datagram.ecn, datagram.bytes, time);
        }
      },
      kBurst);
  if (!connection_) {
    wait(kLongestWait);
    return;
  }
  if (connection_->deadline() && *connection_->deadline() <= now()) connection_->on_deadline(now());
  while (const auto event = connection_->poll()) {
    if (const auto* readable = std::get_if<quic::StreamReadable>(&*event)) readable_.push_back(readable->id);
    if (const auto* writable = std::get_if<quic::StreamWritable>(&*event)) writable_.push_back(writable->id);
  }
  while (!socket_.wants_write()) {
    const auto written = connection_->transmit(buffer_, 64, now());
    if (!written) break;
    socket_.send(
        {.local = {}, .remote = remote_},
        {.bytes = ByteView(buffer_).first(written->size), .segment_size = written->segment_size, .ecn = written->ecn});
  }
  socket_.flush();
  if (received && *received > 0) return;
  const auto deadline = connection_->deadline();
  wait(deadline ? std::clamp(*deadline - now(), Duration::zero(), kLongestWait) : kLongestWait);
}

// Pacing asks for waits of microseconds, so poll()'s milliseconds are too coarse.
void WireEnd::wait(Duration longest) {
  pollfd ready{.fd = socket_.native_handle(),
               .events = static_cast<short>(socket_.wants_write() ? POLLIN | POLLOUT : POLLIN),
               .revents = 0};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (longest - seconds).count()};
  ppoll(&ready, 1, &limit, nullptr);
}

void WireEnd::send(const Load& load, const std::atomic<bool>& stop) {
  const Bytes block(256 * 1024, std::byte{0x5a});
  std::map<quic::StreamId, std::size_t> left;  // bytes
  while (!stop && !connection_->is_closed()) {
    while (connection_->is_handshake_confirmed() && left.size() < load.streams) {
      const quic::StreamId id = connection_->open_stream(quic::Direction::kUnidirectional).value();
      left[id] = load.per_stream();
      writable_.push_back(id);
    }
    for (const quic::StreamId id : std::exchange(writable_, {})) {
      for (std::size_t& rest = left[id]; rest > 0;) {
        const std::size_t want = std::min(block.size(), rest);
        const auto taken = connection_->write(id, ByteView(block).first(want), want == rest);
        rest -= taken ? *taken : 0;
        if (!taken || *taken < want) break;
      }
    }
    turn();
  }
}

std::size_t WireEnd::receive(const Load& load, const std::atomic<bool>& stop) {
  Bytes buffer(256 * 1024);
  std::size_t total = 0, ended = 0;
  while (!stop && ended < load.streams) {
    turn();
    for (const quic::StreamId id : std::exchange(readable_, {})) {
      for (;;) {
        const auto got = connection_->read(id, buffer);
        if (!got) break;
        total += got->size;
        if (got->fin) ++ended;
        if (got->fin || got->size == 0) break;
      }
    }
  }
  return total;
}

}  // namespace quicket::bench
