#include "tests/bench/wire.hpp"

#include "relay/forward/userspace_forwarder.hpp"
#include "relay/table/route_table.hpp"
#include "tests/bench/wire_end.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <thread>

#include <poll.h>

namespace quicket::bench {

namespace {

constexpr Duration kLongestRound = std::chrono::seconds(60);

// Plane is the relay's forwarding plane on a socket, with the two ends' connection IDs registered in one session.
class Plane {
 public:
  explicit Plane(const Address& client, const Address& server)
      : table_(limits(), [this](const relay::RouteChange& change) { forwarder_.apply(change); }),
        forwarder_(table_.routes(), socket_, [](const Received&, TimePoint) {}) {
    register_end(1, client);
    register_end(2, server);
  }
  const Address& address() const { return socket_.local_address(); }

  // run forwards until `stop`.
  void run(const std::atomic<bool>& stop) {
    while (!stop) {
      const TimePoint time = now();
      const auto received = socket_.receive([&](std::span<const Received> run) { forwarder_.receive(run, time); }, 256);
      socket_.flush();
      if (received && *received > 0) continue;
      pollfd wait{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
      poll(&wait, 1, 20);
    }
  }

 private:
  static relay::Limits limits() {
    relay::Limits limits;
    limits.allow_special = true;
    limits.registrations = limits.sessions = 16;
    limits.ids = 4096;
    return limits;
  }
  void register_end(std::uint8_t own, const Address& remote) {
    const relay::WindowRequest request{.key = relay::RegistrationKey::from(Bytes(32, std::byte(own))).value(),
                                       .proven = true,
                                       .num = kWindow,
                                       .session = relay::SessionId{},
                                       .target = AddressPair{.local = {}, .remote = remote},
                                       .quota_address = remote};
    if (!table_.register_window(request, now())) std::abort();
  }

  UdpSocket socket_ = UdpSocket::bind(Address::loopback(0)).value();
  relay::RouteTable table_;
  relay::UserspaceForwarder forwarder_;
};

}  // namespace

Measured measure_wire(const Load& load, const Wire& wire) {
  std::atomic<bool> stop = false;
  WireEnd server = WireEnd::server(wire.max_udp_payload);
  WireEnd client = WireEnd::client(server.address(), wire.max_udp_payload);
  std::unique_ptr<Plane> plane;
  std::thread forwarding;
  if (wire.relayed) {
    plane = std::make_unique<Plane>(client.address(), server.address());
    client.redirect(plane->address());
    forwarding = std::thread([&] { plane->run(stop); });
  }
  std::thread sending([&] { client.send(load, stop); });
  const TimePoint start = now();
  const double cpu_before = cpu_seconds_of_self();
  std::atomic<bool> done = false;
  std::thread watchdog([&] {
    while (!done && now() - start < kLongestRound) poll(nullptr, 0, 20);
    stop = true;
  });
  const std::size_t received = server.receive(load, stop);
  const Measured measured{.seconds = std::chrono::duration<double>(now() - start).count(),
                          .cpu_seconds = cpu_seconds_of_self() - cpu_before};
  done = true;
  stop = true;
  watchdog.join();
  sending.join();
  if (forwarding.joinable()) forwarding.join();
  if (received != load.bytes) {
    std::fprintf(stderr, "only %zu of %zu bytes arrived\n", received, load.bytes);
    std::exit(1);
  }
  return measured;
}

}  // namespace quicket::bench
