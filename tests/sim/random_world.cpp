#include "tests/sim/random_world.hpp"

#include <array>
#include <vector>

namespace quicket::sim {

namespace {

constexpr Duration kOfferLimit = 60s, kConnectLimit = 2min, kTransferLimit = 10min;
constexpr std::size_t kMostBytes = 300'000;

double between(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
Duration between(Random& random, Duration low, Duration high) {
  return Duration(std::uniform_int_distribution<Duration::rep>(low.count(), high.count())(random));
}

Nat any_nat(Random& random) {
  constexpr std::array kAll{Nat::kNone, Nat::kFullCone, Nat::kPortRestricted, Nat::kSymmetric};
  return kAll[random() % kAll.size()];
}

// Play is one random world while it runs.
class Play {
 public:
  explicit Play(std::uint64_t seed) : world_(seed) {
    const double hop = between(world_.random, 0, 0.10);
    for (Device* device : std::array<Device*, 3>{&relay_, &alice_, &bob_}) {
      // A hop goes over two wires.
      device->wire() = {.delay = between(world_.random, 1ms, 60ms),
                        .jitter = between(world_.random, 0ms, 20ms),
                        .loss = hop / 2,
                        .duplicate = between(world_.random, 0, 0.05)};
    }
    world_.introduce(alice_, bob_);
  }

  Verdict run() {
    const TimePoint start = world_.now();
    Verdict verdict{.trouble = trouble()};
    verdict.virtual_time = world_.now() - start;
    verdict.restarts = restarts_;
    return verdict;
  }

 private:
  std::string trouble() {
    plan_restart();
    Call& dial = alice_.dial(bob_);
    if (!run_until([&] { return dial.offer() || dial.ended(); }, kOfferLimit) || dial.ended())
      return "no offer" + why(dial);
    run_until([] { return false; }, between(world_.random, 0s, 10min));
    if (dial.ended()) return "the dialer gave up waiting" + why(dial);

    const auto taken = bob_.accept(*dial.offer());
    if (!taken) return "the offer is refused: " + taken.error().message();
    Call& accepted = **taken;
    const auto over = [&] { return dial.ended() || accepted.ended(); };
    if (!run_until([&] { return (dial.connected() && accepted.connected()) || over(); }, kConnectLimit) || over())
      return "not connected" + why(dial) + why(accepted);

    dial.transfer(1 + world_.random() % kMostBytes);
    accepted.transfer(1 + world_.random() % kMostBytes);
    run_until([&] { return (dial.receiving.done() && accepted.receiving.done()) || over(); }, kTransferLimit);
    if (dial.receiving.done() && accepted.receiving.done()) return {};
    return "not all arrived: the dialer read " + std::to_string(dial.receiving.read) + ", the accepter " +
           std::to_string(accepted.receiving.read) + why(dial) + why(accepted);
  }

  static std::string why(const Call& call) { return call.why() ? ": " + call.why()->message() : ""; }

  void plan_restart() { next_change_ = world_.now() + between(world_.random, 0s, 3min); }

  // run_until is the world's, with the relay going and coming as planned.
  bool run_until(const std::function<bool()>& done, Duration limit) {
    const TimePoint end = world_.now() + limit;
    while (world_.now() < end) {
      if (world_.run_until(done, std::min(end, next_change_) - world_.now())) return true;
      if (world_.now() < next_change_) break;
      change();
    }
    return done();
  }

  void change() {
    if (relay_.is_running()) {
      relay_.stop();
      next_change_ = world_.now() + between(world_.random, 0s, 3s);
      ++restarts_;
    } else {
      relay_.start();
      plan_restart();
    }
    world_.touch(relay_);
  }

  World world_;
  Relay& relay_ = world_.add_relay();
  Peer& alice_ = world_.add_peer(any_nat(world_.random), {.relays = {&relay_}});
  Peer& bob_ = world_.add_peer(any_nat(world_.random), {.relays = {&relay_}});
  TimePoint next_change_{};
  int restarts_ = 0;
};

}  // namespace

Verdict play_random_world(std::uint64_t seed) { return Play(seed).run(); }

}  // namespace quicket::sim
