// A relay in the hands of an enemy. Alone it can prevent a connection, which then ends in time, by name, and without a
// request too many; beside an honest one it is hardly noticed.
#include "tests/sim/hostile_ways.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <iostream>

// Of the sanitizers' allocator, where mallinfo2() knows nothing; GCC has it without its header.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();

namespace quicket::sim {
namespace {

constexpr Duration kLongestDelay = 1s;  // that an enemy may cost beside an honest relay
constexpr Duration kLongestGap = 2s;    // in an established connection
// Of one client: whatever a relay does, it meets a new connection each 3.75 s on average (three quarters of
// RelayTiming::longest_pause), with two requests on each.
constexpr std::uint64_t kMostConnections = 1100, kMostRequests = 2 * kMostConnections;  // an hour
constexpr std::size_t kMostMemory = 512 * 1024;  // more in use in the end than after a while

std::size_t bytes_in_use() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

class SimHostileRelay : public ::testing::TestWithParam<HostileWay> {
 protected:
  SimHostileRelay() {
    enemy.wire().delay = 2ms;  // nearer than any other
    world.introduce(alice, bob);
  }

  Peer& add_peer(bool is_enemy_alone) {
    PeerOptions options{.first_relays = {enemy.target()}};
    if (!is_enemy_alone) options.relays = {&honest};
    return world.add_peer(Nat::kPortRestricted, std::move(options));
  }

  void expect_named(const Failure& why) {
    EXPECT_NE(why.message().find(enemy.address().ip_string()), std::string::npos) << why.message();
    EXPECT_TRUE(std::ranges::all_of(why.message(), [](char c) { return c >= ' ' && c <= '~'; })) << why.message();
  }

  // connect dials and accepts; nullopt: not within a while.
  std::optional<Duration> connect(Peer& from, Peer& to) {
    const TimePoint start = world.now();
    dial = &from.dial(to);
    if (!world.run_until([&] { return dial->offer() || dial->ended(); }, 20s) || !dial->offer()) return std::nullopt;
    accepted = to.accept(*dial->offer()).value();
    if (!world.run_until([&] { return dial->connected() && accepted->connected(); }, 20s)) return std::nullopt;
    return world.now() - start;
  }

  World world{seed()};
  HostileRelay& enemy = world.add_device<HostileRelay>(Address::parse("198.18.200.1:4433").value());
  Relay& honest = world.add_relay();
  Peer& alice = add_peer(true);
  Peer& bob = add_peer(true);
  Call* dial = nullptr;
  Call* accepted = nullptr;
};

TEST_P(SimHostileRelay, EndsADialThroughNothingElseInTimeAndByName) {
  enemy.turn(GetParam().make());
  Call& call = alice.dial(bob, 30s);
  const bool is_decided = world.run_until([&] { return call.offer() || call.ended(); }, Dial::kRegisterTimeout + 100ms);
  ASSERT_TRUE(is_decided);
  EXPECT_EQ(call.offer().has_value(), !GetParam().ends);
  if (call.offer()) {  // which nobody can answer
    ASSERT_TRUE(world.run_until([&] { return call.ended(); }, 30s));
  } else if (GetParam().ends) {
    EXPECT_EQ(call.why()->code, make_error_code(*GetParam().ends)) << call.why()->message();
    EXPECT_NE(call.why()->detail.find(GetParam().says), std::string::npos) << call.why()->message();
    expect_named(*call.why());
  }
  std::cout << call.why()->message() << '\n';
  world.run_for(1h);
  EXPECT_LT(enemy.connections, 20u);
  EXPECT_LT(enemy.requests, 100u);
}

TEST_P(SimHostileRelay, EndsAnAnswerThroughNothingElseInTimeAndByName) {
  Call& call = alice.dial(bob, 60s);
  ASSERT_TRUE(world.run_until([&] { return call.offer().has_value(); }, 5s));
  enemy.turn(GetParam().make());
  Call& answer = *bob.accept(*call.offer()).value();
  ASSERT_TRUE(world.run_until([&] { return answer.ended(); }, LinkOptions{}.handshake_timeout + 100ms));
  std::cout << answer.why()->message() << '\n';
  if (answer.why()->code != Errc::kHandshakeFailed) expect_named(*answer.why());
  if (GetParam().ends && *GetParam().ends != Errc::kRelayUnreachable) {
    EXPECT_EQ(answer.why()->code, make_error_code(*GetParam().ends));
  }
  ASSERT_TRUE(world.run_until([&] { return call.ended(); }, 60s));
}

TEST_P(SimHostileRelay, CostsLittleBesideAnHonestOne) {
  Peer& carol = add_peer(false);
  Peer& dave = add_peer(false);
  world.introduce(carol, dave);
  enemy.wire().up = false;
  Peer& eve = world.add_peer(Nat::kPortRestricted, {.relays = {&honest}});
  world.introduce(eve, dave);
  const auto without = connect(eve, dave);
  ASSERT_TRUE(without);
  enemy.wire().up = true;
  enemy.turn(GetParam().make());
  const auto with = connect(carol, dave);
  ASSERT_TRUE(with);
  std::cout << "without " << *without / 1ms << " ms, with " << *with / 1ms << " ms\n";
  EXPECT_LT(*with - *without, kLongestDelay);
}

TEST_P(SimHostileRelay, DoesNotHinderAnEstablishedConnectionNorIsItFlooded) {
  Peer& carol = add_peer(false);
  Peer& dave = add_peer(false);
  world.introduce(carol, dave);
  ASSERT_TRUE(connect(carol, dave));
  const std::uint64_t before = enemy.requests, connections = enemy.connections, datagrams = enemy.datagrams;
  enemy.turn(GetParam().make());
  // How long: QUICKET_TEST_HOSTILE_MINUTES is set by the build.
  constexpr int kMinutes = QUICKET_TEST_HOSTILE_MINUTES, kPause = 2;
  std::size_t memory = 0;  // after the first quarter
  for (int part = 0; part < kMinutes / kPause; ++part) {
    if (part == kMinutes / kPause / 4) memory = bytes_in_use();
    for (Call* call : {dial, accepted}) {
      call->trickle(1000);
      Call* other = call == dial ? accepted : dial;
      const std::size_t goal = other->receiving.read + 1000;
      ASSERT_TRUE(world.run_until([&] { return other->receiving.read == goal; }, kLongestGap))
          << "after " << part << " parts";
    }
    world.run_for(kPause * 1min);
  }
  ASSERT_GT(memory, 0u);
  EXPECT_LT(bytes_in_use(), memory + kMostMemory);
  EXPECT_FALSE(dial->ended() || accepted->ended());
  const std::uint64_t requests = enemy.requests - before, begun = enemy.connections - connections;
  constexpr std::uint64_t kClients = 2;
  const auto hourly = [](std::uint64_t count) { return count * 60 / kMinutes / kClients; };
  std::cout << "a client an hour: " << hourly(requests) << " requests, " << hourly(begun) << " connections, "
            << hourly(enemy.datagrams - datagrams) << " datagrams; memory grew by "
            << static_cast<std::ptrdiff_t>(bytes_in_use() - memory) << " bytes\n";
  EXPECT_LT(hourly(requests), kMostRequests);
  EXPECT_LT(hourly(begun), kMostConnections);
}

std::string name_of(const ::testing::TestParamInfo<HostileWay>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Answers, SimHostileRelay, ::testing::ValuesIn(hostile_answers()), name_of);
INSTANTIATE_TEST_SUITE_P(Streams, SimHostileRelay, ::testing::ValuesIn(hostile_streams()), name_of);
INSTANTIATE_TEST_SUITE_P(Connections, SimHostileRelay, ::testing::ValuesIn(hostile_connections()), name_of);

}  // namespace
}  // namespace quicket::sim
