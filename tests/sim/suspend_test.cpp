#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {
namespace {

// A lid is closed, for less or for more than the idle timeout of 30 s.
class SimSuspend : public ::testing::Test {
 protected:
  void offer() {
    world.introduce(alice, bob);
    dial = &alice.dial(bob);
    ASSERT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
  }
  void connect() {
    ASSERT_NO_FATAL_FAILURE(offer());
    accepted = bob.accept(*dial->offer()).value();
    ASSERT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 10s));
  }
  void sleep(Peer& peer, Duration duration) {
    world.suspend(peer);
    world.run_for(duration);
    world.resume(peer);
  }
  void expect_transfer() {
    dial->transfer(200'000);
    accepted->transfer(200'000);
    EXPECT_TRUE(world.run_until([&] { return dial->receiving.done() && accepted->receiving.done(); }, 30s))
        << (dial->why() ? dial->why()->message() : "") << (accepted->why() ? accepted->why()->message() : "");
  }

  void expect_transfer_across_a_sleep_of(Peer& sleeper) {
    constexpr std::size_t kSize = 3'000'000;
    ASSERT_NO_FATAL_FAILURE(connect());
    dial->transfer(kSize);
    accepted->transfer(kSize);
    const auto read = [&] { return std::min(dial->receiving.read, accepted->receiving.read); };
    ASSERT_TRUE(world.run_until([&] { return read() > kSize / 10; }, 30s));
    ASSERT_LT(read(), kSize / 2);
    sleep(sleeper, 20s);
    EXPECT_TRUE(world.run_until([&] { return dial->receiving.done() && accepted->receiving.done(); }, 60s))
        << dial->receiving.read << " and " << accepted->receiving.read << " bytes";
  }

  World world{seed()};
  Relay& relay = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&relay}});
  Call* dial = nullptr;
  Call* accepted = nullptr;
};

TEST_F(SimSuspend, TheDialerSleepsForTwentySecondsAndTheConnectionGoesOn) {
  ASSERT_NO_FATAL_FAILURE(connect());
  sleep(alice, 20s);
  expect_transfer();
}

TEST_F(SimSuspend, TheAccepterSleepsForTwentySecondsAndTheConnectionGoesOn) {
  ASSERT_NO_FATAL_FAILURE(connect());
  sleep(bob, 20s);
  expect_transfer();
}

TEST_F(SimSuspend, TheDialerSleepsInTheMiddleOfATransferAndAllOfItArrives) { expect_transfer_across_a_sleep_of(alice); }

TEST_F(SimSuspend, TheAccepterSleepsInTheMiddleOfATransferAndAllOfItArrives) { expect_transfer_across_a_sleep_of(bob); }

TEST_F(SimSuspend, BothSidesEndWhenOneSleepsForAnHour) {
  ASSERT_NO_FATAL_FAILURE(connect());
  sleep(alice, 1h);
  EXPECT_TRUE(world.run_until([&] { return dial->ended() && accepted->ended(); }, 5s));
  ASSERT_TRUE(dial->why() && accepted->why());
  EXPECT_EQ(accepted->why()->code, Errc::kIdleTimeout);
  EXPECT_EQ(dial->why()->code, Errc::kIdleTimeout);
}

// The relay has long forgotten the dialer when it wakes; the offer lasts for 15 minutes.
TEST_F(SimSuspend, AnOfferOutlivesASleepThatTheDialersLeaseDidNot) {
  ASSERT_NO_FATAL_FAILURE(offer());
  sleep(alice, 5min);
  ASSERT_EQ(relay.engine().table().registrations(), 0u);
  accepted = bob.accept(*dial->offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 10s));
  expect_transfer();
}

// The answer comes while the dialer sleeps: the accepter tries on for as long as its own patience lasts.
TEST_F(SimSuspend, TheDialerSleepsWhileTheOfferIsAnsweredAndConnectsOnceItIsBack) {
  ASSERT_NO_FATAL_FAILURE(offer());
  world.suspend(alice);
  accepted = bob.accept(*dial->offer()).value();
  world.run_for(6s);
  EXPECT_FALSE(accepted->ended());
  world.resume(alice);
  ASSERT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 10s));
  expect_transfer();
}

}  // namespace
}  // namespace quicket::sim
