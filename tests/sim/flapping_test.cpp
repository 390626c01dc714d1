// Worlds in which relays die and heal, wholly or one way, while both sides send a little all the time and the dialer
// now and then migrates, as it will to other paths. At least one relay works both ways at any time. They show the rule
// about labels: one label is one migration, which the accepter knows by the connection ID, whatever leg a datagram came
// by.
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>

namespace quicket::sim {
namespace {

constexpr Duration kHang = 5s;

// Fault is which datagrams of one relay are lost.
struct Fault {
  bool in = true, out = true;     // those that it gets, those that it sends
  bool alice = true, bob = true;  // of its wires to whom
};

class Flapping {
 public:
  Flapping(std::uint64_t seed, bool migrates) : world_(seed), migrates_(migrates) {
    for (std::uint64_t i = 0; i < 2 + seed % 2; ++i) {
      relays_.push_back(&world_.add_relay());
      relays_.back()->wire().delay =
          std::chrono::milliseconds(1 + world_.random() % 10);  // so near that all are offered
    }
    alice_ = &world_.add_peer(Nat::kPortRestricted, {.relays = relays_});
    bob_ = &world_.add_peer(Nat::kPortRestricted, {.relays = relays_});
    world_.introduce(*alice_, *bob_);
    world_.network.drop = [this](std::uint64_t, DeviceId from, const AddressPair& to, ByteView) {
      return std::ranges::any_of(faults_,
                                 [&](const auto& at) { return is_lost(*at.first, at.second, from, to.remote); });
    };
  }

  // play gives the longest time in which a side waited in vain for the next bytes; nullopt: the connection ended.
  std::optional<Duration> play() {
    dial_ = &alice_->dial(*bob_);
    if (!world_.run_until([&] { return dial_->offer().has_value(); }, 10s)) return std::nullopt;
    accepted_ = bob_->accept(*dial_->offer()).value();
    if (!world_.run_until([&] { return dial_->connected() && accepted_->connected(); }, 10s)) return std::nullopt;
    for (Relay* relay : relays_) relay->wire().delay = std::chrono::milliseconds(1 + world_.random() % 40);
    moved_.fill(world_.now());
    for (int event = 0; event < 10; ++event) {
      change_something();
      for (std::uint64_t steps = 10 + world_.random() % 100; steps > 0; --steps) {
        if (!step()) return std::nullopt;
      }
    }
    return longest_;
  }

 private:
  bool is_lost(const Relay& relay, const Fault& fault, DeviceId from, const Address& to) {
    const bool in = to == world_.network.own_address(relay.id()), out = from == relay.id();
    if (!(in && fault.in) && !(out && fault.out)) return false;
    const Address& alice = world_.network.outside_address(alice_->id());
    const bool is_alices = in ? from == alice_->id() : std::ranges::equal(to.ip(), alice.ip());
    return is_alices ? fault.alice : fault.bob;
  }

  void change_something() {
    Random& random = world_.random;
    Relay* relay = relays_[random() % relays_.size()];
    switch (random() % 6) {
      case 0:
        faults_.clear();
        return;
      case 1:
        for (Relay* one : relays_) one->wire().jitter = std::chrono::milliseconds(random() % 50);
        return;
      case 2:
        for (Relay* one : relays_) one->wire().loss = random() % 2 == 0 ? 0.02 : 0;
        return;
      case 3:
        faults_.erase(relay);
        return;
      default:
        if (faults_.size() + 1 >= relays_.size()) faults_.clear();
        faults_[relay] = {};
        if (random() % 2 == 0) return;
        const bool in = random() % 2 == 0, alice = random() % 2 == 0;
        faults_[relay] = {.in = in, .out = !in, .alice = alice, .bob = !alice};
    }
  }

  bool step() {
    if (migrates_ && world_.random() % 60 == 0) dial_->migrate(++label_);
    dial_->trickle(300);
    accepted_->trickle(300);
    world_.run_for(20ms);
    const std::array sides{dial_, accepted_};
    for (std::size_t side = 0; side < sides.size(); ++side) {
      if (sides[side]->ended() || !sides[side]->receiving.intact) return false;
      const std::size_t read = sides[side]->receiving.read;
      if (std::exchange(read_[side], read) < read) moved_[side] = world_.now();
      longest_ = std::max(longest_, world_.now() - moved_[side]);
    }
    return true;
  }

  World world_;
  bool migrates_;
  std::vector<Relay*> relays_;
  Peer* alice_ = nullptr;
  Peer* bob_ = nullptr;
  Call* dial_ = nullptr;
  Call* accepted_ = nullptr;
  std::map<Relay*, Fault> faults_;
  std::uint32_t label_ = 1;
  std::array<std::size_t, 2> read_{};
  std::array<TimePoint, 2> moved_{};
  Duration longest_{};
};

// How many worlds: QUICKET_TEST_FLAPPING is set by the build.
void expect_no_hang(bool migrates) {
  const std::uint64_t first = seed();
  std::vector<Duration> stalls;
  for (std::uint64_t i = 0; i < QUICKET_TEST_FLAPPING; ++i) {
    const auto stall = Flapping(first + i, migrates).play();
    EXPECT_TRUE(stall) << "the connection ended; replay with QUICKET_SEED=" << first + i;
    EXPECT_LT(stall.value_or(Duration{}), kHang) << "replay with QUICKET_SEED=" << first + i;
    stalls.push_back(stall.value_or(Duration::max()));
  }
  std::ranges::sort(stalls);
  std::cout << stalls.size() << " worlds; longest stall: median " << stalls[stalls.size() / 2] / 1ms << " ms, 90 % "
            << stalls[stalls.size() * 9 / 10] / 1ms << " ms, worst " << stalls.back() / 1ms << " ms\n";
}

TEST(SimFlapping, BytesKeepFlowingWhileRelaysDieAndHeal) { expect_no_hang(false); }
TEST(SimFlapping, BytesKeepFlowingWhileTheDialerMigratesToo) { expect_no_hang(true); }

}  // namespace
}  // namespace quicket::sim
