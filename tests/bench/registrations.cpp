// How many registrations one core of a relay takes in a second: on a connection that is there, and each with a
// connection of its own. The real engine and the real client, with nothing but memory between them; only the relay's
// time counts.

#include "core/base/encoding.hpp"
#include "relay/engine/engine.hpp"
#include "transports/relay/client.hpp"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace quicket::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRounds = 5;
constexpr std::size_t kRegistrations = 400;  // in each round
constexpr std::uint32_t kWindow = 64;        // connection IDs of each

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Wire keeps what one side sent until the other takes it.
class Wire final : public DatagramSink {
 public:
  void send(const AddressPair& addresses, const Batch& batch) override {
    for (std::size_t at = 0; at < batch.bytes.size(); at += batch.segment_size) {
      const ByteView rest = batch.bytes.subspan(at);
      datagrams.emplace_back(addresses, to_bytes(rest.first(std::min(rest.size(), batch.segment_size))));
    }
  }
  std::deque<std::pair<AddressPair, Bytes>> datagrams;
};

class Bench {
 public:
  Bench() {
    relay::EngineConfig config;
    config.credentials = credentials_;
    config.reset_secret = Bytes(32, std::byte{2});
    config.limits.registrations_per_address = 1'000'000;
    config.limits.ids_per_address = 100'000'000;
    config.max_connections = 1'000'000;
    engine_ = relay::Engine::create(std::move(config), to_client_).value();
  }

  std::unique_ptr<transports::RelayClient> client() {
    transports::RelayTarget target{.addresses = {kRelay}, .host = kRelay.ip_string(), .port = kRelay.port()};
    RelayPin& pin = target.pins.emplace_back();
    std::ranges::copy(ByteView(credentials_->spki_sha256()).first(pin.size()), pin.begin());
    ++port_;
    return std::make_unique<transports::RelayClient>(std::move(target), transports::RelayClientConfig{});
  }

  // add registers one more key on the client's connection, which it makes if there is none.
  void add(transports::RelayClient& client) {
    const Registration registration{.key = Identity::generate(), .session = session_, .num = kWindow};
    session_.front() = std::byte(std::to_integer<unsigned>(session_.front()) + 1);
    client.hold(registration, now_);
    for (int turn = 0; turn < 100; ++turn) {
      client.transmit(to_relay_, now_);
      now_ += 1ms;
      const double before = processor_seconds();
      for (const auto& [addresses, bytes] : std::exchange(to_relay_.datagrams, {})) {
        const Received received{.addresses = {.local = kRelay, .remote = kClient.with_port(port_)}, .bytes = bytes};
        engine_->receive(std::span(&received, 1), now_);
      }
      if (engine_->deadline() && *engine_->deadline() <= now_) engine_->on_deadline(now_);
      relays_time_ += processor_seconds() - before;
      for (const auto& [addresses, bytes] : std::exchange(to_client_.datagrams, {})) {
        client.receive({.addresses = {.local = Address(), .remote = kRelay}, .bytes = bytes}, now_);
      }
      if (client.deadline() && *client.deadline() <= now_) client.on_deadline(now_);
      while (const auto report = client.report()) {
        const auto* granted = std::get_if<Granted>(&*report);
        if (granted && granted->key == registration.key.id().key()) return;
      }
    }
    std::fprintf(stderr, "registrations: no answer\n");
    std::exit(1);
  }

  double take_relays_time() { return std::exchange(relays_time_, 0); }

 private:
  static inline const Address kRelay = Address::parse("203.0.113.1:4433").value();
  static inline const Address kClient = Address::parse("198.51.100.1:1").value();

  const std::shared_ptr<const quic::Credentials> credentials_ =
      quic::Credentials::from_ed25519(Bytes(32, std::byte{1})).value();
  Wire to_client_, to_relay_;
  std::unique_ptr<relay::Engine> engine_;
  TimePoint now_{1h};
  std::uint16_t port_ = 1024;
  SessionSecret session_{};
  double relays_time_ = 0;
};

double warm() {
  Bench bench;
  const auto client = bench.client();
  bench.add(*client);
  bench.take_relays_time();
  for (std::size_t i = 0; i < kRegistrations; ++i) bench.add(*client);
  return kRegistrations / bench.take_relays_time();
}

double cold() {
  Bench bench;
  std::vector<std::unique_ptr<transports::RelayClient>> clients;
  for (std::size_t i = 0; i < kRegistrations; ++i) bench.add(*clients.emplace_back(bench.client()));
  return kRegistrations / bench.take_relays_time();
}

void print(const char* what, std::vector<double> rates, double against) {
  std::ranges::sort(rates);
  const double median = rates[rates.size() / 2];
  std::printf("%-36s %8.0f per second of one core (%.0f to %.0f), ratio %.2f\n", what, median, rates.front(),
              rates.back(), median / against);
}

}  // namespace
}  // namespace quicket::bench

int main(int count, char** arguments) {
  using namespace quicket::bench;
  if (count > 1) {
    const bool help = std::string_view(arguments[1]) == "--help";
    std::fprintf(help ? stdout : stderr,
                 "Usage: registrations\nPrints registrations per second at the relay, warm and cold.\n");
    return help ? 0 : 64;
  }
  std::vector<double> warm_rates, cold_rates;
  for (std::size_t round = 0; round < kRounds; ++round) {
    warm_rates.push_back(warm());
    cold_rates.push_back(cold());
  }
  std::vector<double> sorted = warm_rates;
  std::ranges::sort(sorted);
  const double baseline = sorted[sorted.size() / 2];
  print("on a connection that is there", warm_rates, baseline);
  print("each with a connection of its own", cold_rates, baseline);
  return 0;
}
