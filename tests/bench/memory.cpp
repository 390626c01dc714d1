// What an idle client costs a relay, a registered connection ID the relay's table, and a connection its peer, in bytes
// of heap. Everything runs in one process and in virtual time; what belongs to the relay is what is given back when it
// stops.

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/sim/world.hpp"

namespace quicket::sim {
namespace {

constexpr double kIdleClientAim = 32'768;  // bytes
constexpr std::size_t kWindow = 64;        // connection IDs that a dial registers

double heap() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// Small tables, so that what is made for all clients together does not hide what each one takes.
relay::Limits limits() {
  relay::Limits limits;
  limits.registrations = limits.sessions = 4'096;
  limits.ids = 4'096 * kWindow;
  return limits;
}

// given_back is what a relay held.
double given_back(Relay& relay) {
  const double before = heap();
  relay.stop();
  return before - heap();
}

double of_empty_relay() {
  World world(1);
  return given_back(world.add_relay(limits()));
}

// idle_client is what a client that registered once and keeps its connection open costs the relay after `duration`.
double idle_client(std::size_t clients, Duration duration) {
  World world(1);
  Relay& relay = world.add_relay(limits());
  Peer& nobody = world.add_peer(Nat::kNone, {.relays = {&relay}});
  std::vector<Call*> calls;
  for (std::size_t i = 0; i < clients; ++i) {
    Peer& client = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
    client.trust(nobody);
    calls.push_back(&client.dial(nobody, duration + 1h));
  }
  world.run_for(10s + duration);
  if (relay.engine().server().connections() != clients || relay.engine().table().registrations() != clients) {
    std::fprintf(stderr, "memory: not every client is there\n");
    std::exit(1);
  }
  return (given_back(relay) - of_empty_relay()) / static_cast<double>(clients);
}

// connection_id is what the relay's tables set aside for each connection ID that may be registered.
double connection_id() {
  constexpr std::size_t kMore = 1'000'000;
  relay::Limits more = limits();
  more.ids += kMore;
  World world(1);
  return (given_back(world.add_relay(more)) - of_empty_relay()) / kMore;
}

// connection is what a connection costs one of its peers, with its share of the HTTP/3 connection to the relay.
double connection(std::size_t pairs) {
  World world(1);
  Relay& relay = world.add_relay(limits());
  std::vector<std::pair<Peer*, Peer*>> peers;
  for (std::size_t i = 0; i < pairs; ++i) {
    peers.emplace_back(&world.add_peer(Nat::kPortRestricted, {.relays = {&relay}}),
                       &world.add_peer(Nat::kPortRestricted, {.relays = {&relay}}));
    world.introduce(*peers.back().first, *peers.back().second);
  }
  const double before = heap();
  std::vector<Call*> calls;
  for (const auto& [dialer, accepter] : peers) calls.push_back(&dialer->dial(*accepter));
  world.run_for(1s);
  for (std::size_t i = 0; i < pairs; ++i) calls.push_back(peers[i].second->accept(*calls[i]->offer()).value());
  world.run_for(1min);
  for (const Call* call : calls) {
    if (call->connected()) continue;
    std::fprintf(stderr, "memory: not every pair is connected\n");
    std::exit(1);
  }
  const double all = heap() - before;
  const double relays = given_back(relay) - of_empty_relay();
  return (all - relays) / static_cast<double>(2 * pairs);
}

}  // namespace
}  // namespace quicket::sim

int main(int count, char** arguments) {
  using namespace quicket::sim;
  if (count > 1) {
    const bool help = std::string_view(arguments[1]) == "--help";
    std::fprintf(help ? stdout : stderr,
                 "Usage: memory\nPrints bytes of heap per idle client, connection ID and connection.\n");
    return help ? 0 : 64;
  }
  constexpr std::size_t kClients = 500;
  const double soon = idle_client(kClients, 1min), later = idle_client(kClients, 2h);
  std::printf("an idle client at the relay      %8.0f bytes after a minute (aim: at most %.0f; ratio %.2f)\n", soon,
              kIdleClientAim, soon / kIdleClientAim);
  std::printf("                                 %8.0f bytes after two hours (aim: as before; ratio %.2f)\n", later,
              later / soon);
  std::printf("a connection ID at the relay     %8.0f bytes\n", connection_id());
  std::printf("a connection at one of its peers %8.0f bytes\n", connection(200));
  return 0;
}
