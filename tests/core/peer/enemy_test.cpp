#include "tests/core/peer/hostile_world.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace quicket {
namespace {

using namespace test;

class Enemy : public EnemyTest {};
INSTANTIATE_TEST_SUITE_P(, Enemy, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Dials" : "Answers"; });

TEST_P(Enemy, WhoBehavesIsConnected) {
  world.greet();
  EXPECT_TRUE(world.goes_on());
  EXPECT_TRUE(world.nobody_else_noticed());
}

TEST_P(Enemy, WhoseOwnPacketsAreProperGoesOn) {
  world.greet();
  world.enemy.deafen();
  world.inject(Frames().stream(world.enemys_bidi(0), 0, 100).datagram(10));
  EXPECT_TRUE(world.goes_on());
  EXPECT_EQ(world.victim().readable(static_cast<quic::StreamId>(world.enemys_bidi(0))), 100u);
  EXPECT_TRUE(world.nobody_else_noticed());
}

// A TLS KeyUpdate or a session ticket: with what comes as CRYPTO after the handshake TLS is never bothered.
TEST_P(Enemy, WhoSendsCryptoAfterTheHandshakeIsRefusedByAnAccepterAndIgnoredByADialer) {
  const Bytes key_update{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0}};
  Bytes ticket(60);
  ticket[0] = std::byte{4};
  ticket[3] = std::byte{56};
  for (const Bytes& message : {key_update, ticket, Bytes(1), Bytes(1000, std::byte{0xff})}) {
    HostileWorld one(victim_accepts());
    one.greet();
    one.enemy.deafen();
    for (std::uint64_t offset = 0; offset < 20 * message.size(); offset += message.size())
      one.inject(Frames().crypto(offset, message));
    if (victim_accepts()) {
      EXPECT_TRUE(one.closed_with({false, kUnexpectedMessage}));
    } else {
      EXPECT_TRUE(one.goes_on());
    }
    EXPECT_TRUE(one.nobody_else_noticed());
  }
}

// What breaks RFC 9000 itself.
TEST_P(Enemy, WhoBreaksQuicIsClosedByTheNamedError) {
  struct Violation {
    const char* what;
    Frames frames;
    std::uint64_t code;
    std::uint8_t first_byte = 0x43;
  };
  const HostileWorld& w = world;
  Frames too_many_ids;
  for (std::uint64_t sequence = 8; sequence < 20; ++sequence) too_many_ids.new_id(sequence, 0, 0x10);
  std::vector<Violation> all{
      {"one bidirectional stream too many", Frames().stream(w.enemys_bidi(100), 0, 1), kStreamLimit},
      {"one unidirectional stream too many", Frames().stream(w.enemys_uni(100), 0, 1), kStreamLimit},
      {"reset of a stream too many", Frames().reset(w.enemys_uni(1 << 20), 0), kStreamLimit},
      {"bytes beyond a stream's window", Frames().stream(w.enemys_bidi(0), 6 << 20, 1), kFlowControl},
      {"a final size beyond the window", Frames().reset(w.enemys_bidi(0), 1 << 30), kFlowControl},
      {"bytes on a stream of ours that we have not opened", Frames().stream(w.victims_bidi(5), 0, 1), kStreamState},
      {"bytes on our control stream", Frames().stream(w.victims_uni(0), 0, 1), kStreamState},
      {"reset of our control stream", Frames().reset(w.victims_uni(0), 0), kViolation},  // as ngtcp2 has it
      {"stop of a stream that it alone sends on", Frames().stop_sending(w.enemys_uni(1)), kStreamState},
      {"stop of a stream of ours that we have not opened", Frames().stop_sending(w.victims_bidi(5)), kStreamState},
      {"window of a stream that it alone sends on", Frames().varint(0x11).varint(w.enemys_uni(1)).varint(9),
       kStreamState},
      {"bytes behind the end", Frames().stream(w.enemys_bidi(0), 0, 5, true).stream(w.enemys_bidi(0), 5, 1),
       kFinalSize},
      {"an end before the end", Frames().stream(w.enemys_bidi(0), 0, 5).reset(w.enemys_bidi(0), 4), kFinalSize},
      {"acknowledgement of what was never sent", Frames().acknowledge(1'000'000), kViolation},
      {"an unknown frame", Frames().varint(0x2f).zeros(8), kFrameEncoding},
      {"a frame that is cut short", Frames().varint(0x06).varint(0).varint(900), kFrameEncoding},
      {"more streams than there can be", Frames().max_streams((std::uint64_t{1} << 60) + 1), kFrameEncoding},
      {"no frame at all", Frames(), kViolation},
      {"reserved bits", Frames().varint(0x01), kViolation, 0x43 | 0x18},
      {"retirement of an ID that was never issued", Frames().retire(5000), kViolation},
      {"more connection IDs than there is room for", too_many_ids, kIdLimit},
      {"one sequence number for two connection IDs", Frames().new_id(7, 0, 0x11).new_id(7, 0, 0x12), kViolation},
      {"CRYPTO far ahead", Frames().crypto(1 << 20, Bytes(1)), kCryptoBuffer},
  };
  if (victim_accepts()) {
    all.push_back({"HANDSHAKE_DONE to a server", Frames().varint(0x1e), kViolation});
    all.push_back({"NEW_TOKEN to a server", Frames().varint(0x07).varint(1).zeros(1), kViolation});
  }
  for (const Violation& violation : all) {
    SCOPED_TRACE(violation.what);
    HostileWorld one(victim_accepts());
    one.greet();
    one.enemy.deafen();
    one.inject(violation.frames, violation.first_byte);
    EXPECT_TRUE(one.closed_with({false, violation.code}));
    EXPECT_TRUE(one.nobody_else_noticed());
  }
}

TEST_P(Enemy, WhoseControlStreamBreaksTheRulesIsClosedByTheNamedError) {
  const Bytes hello = encode_hello({.protocols = {"test/1"}});
  const auto text = [](std::string_view bytes) { return to_bytes(as_bytes(bytes)); };
  Bytes twice = hello;
  twice.insert(twice.end(), hello.begin(), hello.end());
  struct Conduct {
    const char* what;
    Bytes bytes;
    bool end = false;
    std::uint64_t code = kCodeControlViolation;
    Errc why = Errc::kProtocolViolation;
  };
  const std::vector<Conduct> all{
      {"no hello", text({"\x00", 1})},
      {"two hellos", twice},
      {"a message over the limit", text({"\x80\x00\x40\x01", 4})},
      {"a message of all lengths", text("\xff\xff\xff\xff\xff\xff\xff\xff")},
      {"no message", text("\x05\xff\xff\xff\xff\xff")},
      {"another version", encode_hello({.version = 2, .protocols = {"test/1"}})},
      {"an end at once", {}, true},
      {"an end within hello", to_bytes(ByteView(hello).first(3)), true},
      {"an end behind hello", hello, true},
      {"no common protocol", encode_hello({.protocols = {"other/1"}}), false, kCodeNoCommonProtocol,
       Errc::kNoCommonProtocol},
      {"no protocol", encode_hello({}), false, kCodeNoCommonProtocol, Errc::kNoCommonProtocol},
  };
  for (const Conduct& conduct : all) {
    SCOPED_TRACE(conduct.what);
    HostileWorld one(victim_accepts());
    one.meet();
    one.enemy.say(conduct.bytes, conduct.end);
    EXPECT_TRUE(one.closed_with({true, conduct.code}, conduct.why));
    EXPECT_TRUE(one.nobody_else_noticed());
  }
}

TEST_P(Enemy, WhoResetsEitherControlStreamIsClosedByTheNamedError) {
  const auto reset = [](Hostile& enemy) { enemy.connection().reset(enemy.control_stream(), 1); };
  const auto stop = [](Hostile& enemy) {
    enemy.connection().stop_sending(enemy.connection().role() == quic::Role::kClient ? 3 : 2, 1);
  };
  for (const std::function<void(Hostile&)>& end : {std::function<void(Hostile&)>(reset), {stop}}) {
    HostileWorld one(victim_accepts());
    one.greet();
    end(one.enemy);
    EXPECT_TRUE(one.closed_with({true, kCodeControlViolation}));
    EXPECT_TRUE(one.nobody_else_noticed());
  }
}

TEST_P(Enemy, WhoNeverSaysHelloIsClosedAfterTheHellosTimeout) {
  for (const std::size_t part : {0u, 5u}) {
    HostileWorld one(victim_accepts());
    one.meet();
    if (part > 0) one.enemy.say(ByteView(encode_hello({.protocols = {"test/1"}})).first(part));
    const LinkOptions options;
    one.board.run_for(options.hello_timeout - 1s);
    EXPECT_EQ(one.ended(), nullptr);
    EXPECT_TRUE(one.closed_with({true, kCodeNoHello}, Errc::kPeerSilent));
    EXPECT_TRUE(one.nobody_else_noticed());
  }
}

// An accepter that completes the handshake, never confirms it, and keeps the connection alive.
TEST(EnemyAccepter, WhoNeverConfirmsTheHandshakeIsClosedAfterItsTimeout) {
  HostileWorld world(false);
  world.start();
  world.board.run_for(1ms);
  world.enemy.deafen();
  const LinkOptions options;
  for (Duration passed{}; passed < options.handshake_timeout + 2s && !world.ended(); passed += 1s) {
    world.board.run_for(1s);
    world.inject(Frames().varint(0x01));
  }
  ASSERT_NE(world.ended(), nullptr);
  EXPECT_EQ(world.ended()->why.code, Errc::kPeerSilent);
  EXPECT_TRUE(world.nobody_else_noticed());
}

}  // namespace
}  // namespace quicket
