// Goodput of one stream over loopback, direct and through the relay's user-space plane: both ends and the relay each
// have a thread. Rounds alternate, so that a noisy machine is noisy for both.

#include "relay/forward/userspace_forwarder.hpp"
#include "relay/table/route_table.hpp"
#include "tests/bench/rounds.hpp"
#include "tests/bench/wire_end.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

namespace quicket::bench {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;
constexpr Duration kLongestRound = std::chrono::seconds(60);

// Plane is the relay's forwarding plane on a socket, with the two ends' connection IDs registered in one session.
class Plane {
 public:
  explicit Plane(const Address& client, const Address& server)
      : table_(limits(), [this](const relay::RouteChange& change) { forwarder_.apply(change); }),
        forwarder_(table_.routes(), socket_, nullptr, [](const Received&, TimePoint) {}) {
    register_end(1, client);
    register_end(2, server);
  }
  const Address& address() const { return socket_.local_address(); }

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

// round gives megabytes per second.
double round(bool relayed, std::size_t bytes) {
  std::atomic<bool> stop = false;
  WireEnd server = WireEnd::server();
  WireEnd client = WireEnd::client(server.address());
  std::unique_ptr<Plane> plane;
  std::thread forwarding;
  if (relayed) {
    plane = std::make_unique<Plane>(client.address(), server.address());
    client.redirect(plane->address());
    forwarding = std::thread([&] { plane->run(stop); });
  }
  std::thread sending([&] { client.send(bytes, stop); });
  const TimePoint start = now();
  std::atomic<bool> done = false;
  std::thread watchdog([&] {
    while (!done && now() - start < kLongestRound) poll(nullptr, 0, 20);
    stop = true;
  });
  const std::size_t received = server.receive(stop);
  const double seconds = std::chrono::duration<double>(now() - start).count();
  done = true;
  stop = true;
  watchdog.join();
  sending.join();
  if (forwarding.joinable()) forwarding.join();
  if (received != bytes) {
    std::fprintf(stderr, "only %zu of %zu bytes arrived\n", received, bytes);
    std::exit(1);
  }
  return static_cast<double>(bytes) / static_cast<double>(kMegabyte) / seconds;
}

}  // namespace
}  // namespace quicket::bench

int main(int argc, char** argv) {
  using namespace quicket::bench;
  const std::size_t megabytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  std::vector<double> direct, relayed, ratio;
  for (int i = 0; i < rounds; ++i) {
    direct.push_back(round(false, megabytes * kMegabyte));
    relayed.push_back(round(true, megabytes * kMegabyte));
    ratio.push_back(relayed.back() / direct.back());
  }
  const auto print = [](const char* name, const Spread& s, const char* unit) {
    std::printf("%-28s %8.2f %s  [%.2f - %.2f]\n", name, s.median, unit, s.least, s.most);
  };
  std::printf("one stream, %zu MB, %d alternating rounds, median [range]\n", megabytes, rounds);
  print("direct", spread_of(direct), "MB/s");
  print("relayed", spread_of(relayed), "MB/s");
  print("relayed / direct", spread_of(ratio), "    ");
  return 0;
}
