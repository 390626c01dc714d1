// A transfer runs over one of several relays when that relay goes away: it goes on over another, and nothing is lost.
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace quicket::sim {
namespace {

constexpr Duration kLongestGap = 2s;

class SimFailover : public ::testing::Test {
 public:
  enum class By { kDialer, kAccepter, kBoth };

 protected:
  static constexpr std::size_t kBytes = 4'000'000;

  SimFailover() {
    world.introduce(alice, bob);
    world.network.drop = [this](std::uint64_t, DeviceId from, const AddressPair& to, ByteView) {
      ++sent[from];
      return std::ranges::any_of(cut, [&](const auto& wire) {
        return wire.first == from &&
               std::ranges::equal(world.network.outside_address(wire.second).ip(), to.remote.ip());
      });
    };
    for (Relay* relay : relays) relay->wire().delay = 5ms + relay->id() * 5ms;
    dial = &alice.dial(bob);
    EXPECT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
    accepted = bob.accept(*dial->offer()).value();
    EXPECT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 10s));
  }

  // transfer lets bytes flow, and returns in mid-transfer.
  void transfer(By by) {
    if (by != By::kAccepter) dial->transfer(kBytes);
    if (by == By::kAccepter) dial->transfer(1);  // opens the stream
    accepted->transfer(by == By::kDialer ? 1 : kBytes);
    ASSERT_TRUE(world.run_until([&] { return read() > kBytes / 4; }, 30s));
    ASSERT_NE(dial->relay(), nullptr);
    used = const_cast<Relay*>(dial->relay());
    ASSERT_EQ(accepted->relay(), used);
  }

  std::size_t read() const { return dial->receiving.read + accepted->receiving.read; }

  // finish runs until all bytes are there, and gives the longest time in which none arrived.
  Duration finish(Duration limit = 60s) {
    const TimePoint end = world.now() + limit;
    Duration longest{};
    while (world.now() < end && !(dial->receiving.done() && accepted->receiving.done())) {
      const TimePoint start = world.now();
      const std::size_t before = read();
      world.run_until([&] { return read() > before; }, end - start);
      longest = std::max(longest, world.now() - start);
    }
    EXPECT_TRUE(dial->receiving.done() && accepted->receiving.done())
        << "dialer read " << dial->receiving.read << ", accepter read " << accepted->receiving.read
        << (dial->ended() ? ", dialer: " + dial->why()->message() : "")
        << (accepted->ended() ? ", accepter: " + accepted->why()->message() : "");
    RecordProperty("gap_ms", std::to_string(longest / 1ms));
    std::cout << "longest gap " << longest / 1ms << " ms\n";
    return longest;
  }

  World world{seed()};
  std::vector<Relay*> relays{&world.add_relay(), &world.add_relay(), &world.add_relay()};
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = relays});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = relays});
  std::set<std::pair<DeviceId, DeviceId>> cut;  // what the first sends to the second is lost
  std::map<DeviceId, std::uint64_t> sent;       // datagrams
  Call* dial = nullptr;
  Call* accepted = nullptr;
  Relay* used = nullptr;
};

TEST_F(SimFailover, TheNearestRelayIsUsedAlone) {
  world.run_for(1s);
  sent.clear();
  transfer(By::kBoth);
  EXPECT_EQ(used, relays.front());
  finish();
  EXPECT_LT(50 * (sent[relays[1]->id()] + sent[relays[2]->id()]), sent[relays[0]->id()]);
}

TEST_F(SimFailover, OneRelayAfterTheOtherVanishesAndTheFirstComesBack) {
  transfer(By::kBoth);
  for (int turn = 0; turn < 2; ++turn) {
    used->wire().up = false;
    world.run_for(1s);
    used = const_cast<Relay*>(dial->relay());
    ASSERT_TRUE(used->wire().up);
  }
  used->wire().up = false;
  relays.front()->wire().up = true;
  EXPECT_LT(finish(), 2 * kLongestGap);
}

TEST_F(SimFailover, TheUsedRelayRestarts) {
  transfer(By::kBoth);
  used->restart();
  EXPECT_LT(finish(), kLongestGap);
}

TEST_F(SimFailover, AFasterRelayThatComesBackIsUsedAgain) {
  transfer(By::kBoth);
  used->stop();
  world.run_for(3s);
  EXPECT_NE(dial->relay(), used);
  used->start();
  finish();
  world.run_for(10s);
  EXPECT_EQ(dial->relay(), used);
  EXPECT_EQ(accepted->relay(), used);
}

TEST_F(SimFailover, AnIdleConnectionMovesOnceSomethingIsToBeSent) {
  dial->trickle(1000);
  world.run_for(5s);
  const Relay& nearest = *dial->relay();
  relays.front()->wire().up = false;
  for (Call* call : {accepted, dial}) {
    call->trickle(1000);
    const TimePoint start = world.now();
    Call* other = call == dial ? accepted : dial;
    const std::size_t before = other->receiving.read;
    ASSERT_TRUE(world.run_until([&] { return other->receiving.read > before; }, 10s));
    EXPECT_LT(world.now() - start, kLongestGap);
    std::cout << "arrived after " << (world.now() - start) / 1ms << " ms\n";
  }
  world.run_for(1s);
  for (Call* call : {accepted, dial}) call->trickle(1000);
  world.run_for(1s);
  EXPECT_NE(dial->relay(), &nearest);
  EXPECT_EQ(dial->relay(), accepted->relay());
}

// Which wire of the used relay is cut while who sends.
enum class Cut { kBoth, kToDialer, kFromDialer, kToAccepter, kFromAccepter };
class SimFailoverOf : public SimFailover, public ::testing::WithParamInterface<std::tuple<Cut, SimFailover::By>> {};

TEST_P(SimFailoverOf, TheTransferGoesOnOverAnotherRelay) {
  const auto [what, by] = GetParam();
  transfer(by);
  switch (what) {
    case Cut::kBoth:
      used->wire().up = false;
      break;
    case Cut::kToDialer:
      cut.emplace(used->id(), alice.id());
      break;
    case Cut::kFromDialer:
      cut.emplace(alice.id(), used->id());
      break;
    case Cut::kToAccepter:
      cut.emplace(used->id(), bob.id());
      break;
    case Cut::kFromAccepter:
      cut.emplace(bob.id(), used->id());
      break;
  }
  EXPECT_LT(finish(), kLongestGap);
}

INSTANTIATE_TEST_SUITE_P(Wires, SimFailoverOf,
                         ::testing::Combine(::testing::Values(Cut::kBoth, Cut::kToDialer, Cut::kFromDialer,
                                                              Cut::kToAccepter, Cut::kFromAccepter),
                                            ::testing::Values(SimFailover::By::kDialer, SimFailover::By::kAccepter,
                                                              SimFailover::By::kBoth)));

}  // namespace
}  // namespace quicket::sim
