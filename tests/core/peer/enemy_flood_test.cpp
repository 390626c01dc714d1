#include "tests/core/peer/hostile_world.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

using namespace test;

class EnemyFlood : public EnemyTest {};
INSTANTIATE_TEST_SUITE_P(, EnemyFlood, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Dials" : "Answers"; });

// resets opens and resets streams as fast as the limits allow, beginning with its second.
void resets(HostileWorld& world, int rounds) {
  constexpr std::uint64_t kPerRound = 90;
  for (std::uint64_t n = 1, round = 0; round < static_cast<std::uint64_t>(rounds); ++round) {
    Frames frames;
    for (std::uint64_t i = 0; i < kPerRound; ++i, ++n)
      frames.stream(world.enemys_uni(n), 0, 1).reset(world.enemys_uni(n), 1);
    world.inject(frames);
    world.board.run_for(30ms);
    if (world.ended()) return;
  }
}

TEST_P(EnemyFlood, OfStreamsAheadOfHelloIsClosedByTheNamedError) {
  world.meet();
  world.enemy.deafen();
  resets(world, 50);
  EXPECT_TRUE(world.closed_with({true, kCodeControlViolation}));
  EXPECT_LT(world.events(), 10u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfStreamsLeavesNoneAndTheNextOneIsRead) {
  world.greet();
  world.enemy.deafen();
  resets(world, 50);
  EXPECT_TRUE(world.goes_on());
  world.inject(Frames().stream(world.enemys_bidi(0), 0, 7));
  EXPECT_TRUE(world.goes_on());
  EXPECT_EQ(world.victim().readable(static_cast<quic::StreamId>(world.enemys_bidi(0))), 7u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfBytesThatNobodyReadsIsHeldAtTheWindow) {
  world.greet();
  world.enemy.deafen();
  constexpr std::size_t kPiece = 1000;
  for (std::uint64_t n = 0; n < 3; ++n) {  // together 15 MiB and more
    for (std::uint64_t offset = 0; offset + kPiece < 6 << 20 && !world.ended(); offset += kPiece) {
      world.inject(Frames().stream(world.enemys_bidi(n), offset, kPiece));
      if (offset % 100'000 == 0) world.board.run_for(1ms);
    }
  }
  EXPECT_TRUE(world.closed_with({false, kFlowControl}));
  EXPECT_TRUE(world.nobody_else_noticed());
}

// Holes cost memory that flow control does not count: QUIC gives up after some thousands of them.
TEST_P(EnemyFlood, OfBytesWithHolesBetweenThemIsClosed) {
  world.greet();
  world.enemy.deafen();
  std::uint64_t offset = 1;
  for (; offset < 1'000'000 && !world.ended(); world.board.run_for(1ms)) {
    Frames frames;
    for (; frames.size() < 1100; offset += 2) frames.stream(world.enemys_bidi(0), offset, 1);
    world.inject(frames);
  }
  EXPECT_TRUE(world.closed_with({false, kInternal}));  // as ngtcp2 has it
  EXPECT_LT(offset, 50'000u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfDatagramsLosesTheOldestAndTheyAreCounted) {
  world.greet();
  world.enemy.deafen();
  constexpr std::size_t kDatagrams = 5'000;
  for (std::size_t i = 0; i < kDatagrams; ++i) world.inject(Frames().datagram(1000));
  EXPECT_TRUE(world.goes_on());
  std::size_t held = 0;
  while (world.victim().receive_datagram()) ++held;
  EXPECT_EQ(held, 128u);
  EXPECT_EQ(world.victim().statistics().datagrams_dropped, kDatagrams - held);
  EXPECT_LT(world.events(), 10u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfRaisedLimitsIsNotReportedEachTime) {
  world.greet();
  world.enemy.deafen();
  std::uint64_t limit = 200;
  for (int packet = 0; packet < 50; ++packet) {
    Frames frames;
    while (frames.size() < 1100) frames.max_streams(++limit);
    world.inject(frames);
  }
  EXPECT_TRUE(world.goes_on());
  EXPECT_LT(world.events(), 10u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfPathChallengesGetsNoMoreDatagramsThanItHas) {
  world.greet();
  world.enemy.deafen();
  constexpr std::size_t kPackets = 200;
  std::uint64_t number = 0;
  for (std::size_t packet = 0; packet < kPackets; ++packet) {
    Frames frames;
    while (frames.size() < 1100) frames.challenge(++number);
    world.inject(frames);
    if (packet % 10 == 0) world.board.run_for(1ms);
  }
  EXPECT_TRUE(world.goes_on());
  EXPECT_LE(world.enemy.heard(), kPackets + 20);
  EXPECT_TRUE(world.nobody_else_noticed());
}

// A new path with every packet, as far as the victim can see: to an accepter an ID of its own is one.
TEST_P(EnemyFlood, OfPathsKeepsTheConnectionWhereItIs) {
  world.greet();
  world.enemy.deafen();
  constexpr std::size_t kPackets = 1'000;
  for (std::size_t packet = 0; packet < kPackets && !world.ended(); ++packet) {
    const auto ids = world.victim().issued_ids();
    world.enemy.inject(ids[packet % ids.size()], Frames().varint(0x01));
    if (packet % 10 == 0) world.board.run_for(10ms);
  }
  EXPECT_TRUE(world.goes_on());
  EXPECT_LE(world.enemy.heard(), 2 * kPackets);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfRetiredConnectionIdsIsClosedByTheNamedError) {
  world.greet();
  world.enemy.deafen();
  const std::size_t before = world.alice.port.held.size();
  for (std::uint64_t sequence = 0; sequence < 200 && !world.ended(); ++sequence) {
    world.inject(Frames().retire(sequence));
    world.board.run_for(100ms);
  }
  EXPECT_TRUE(world.closed_with({false, kViolation}));
  EXPECT_EQ(world.alice.port.held.size(), before);  // of one connection there is one registration, whatever it does
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfNewConnectionIdsIsHeldToTheLimit) {
  world.greet();
  world.enemy.deafen();
  constexpr std::size_t kRounds = 500;
  for (std::uint64_t sequence = 20; sequence < 20 + kRounds && !world.ended(); ++sequence) {
    world.inject(Frames().new_id(sequence, sequence, 0x13));
    world.board.run_for(10ms);
  }
  EXPECT_LE(world.enemy.heard(), 4 * kRounds);
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(EnemyFlood, OfControlMessagesIsReadAndIgnored) {
  world.greet();
  for (int round = 0; round < 50; ++round) {
    world.enemy.say(Bytes(20'000));  // messages of no bytes
    world.board.run_for(200ms);
  }
  // The largest message: of 16,383 bytes, one unknown field (15) of 16,380.
  Bytes large{std::byte{0x7f}, std::byte{0xff}, std::byte{0x7a}, std::byte{0xfc}, std::byte{0x7f}};
  large.resize(large.size() + 16'380);
  for (int round = 0; round < 50; ++round) {
    world.enemy.say(large);
    world.board.run_for(200ms);
  }
  EXPECT_TRUE(world.goes_on());
  EXPECT_EQ(world.enemy.connection().statistics().bytes_in_flight, 0u);
  EXPECT_LT(world.events(), 10u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

}  // namespace
}  // namespace quicket
