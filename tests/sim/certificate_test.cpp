// A relay comes back with another certificate: an impostor has its address, or its operator lost its key.
#include "core/base/encoding.hpp"
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

namespace quicket::sim {
namespace {

class SimCertificate : public ::testing::Test {
 protected:
  SimCertificate() {
    world.introduce(alice, bob);
    second.wire().delay += 20ms;
  }

  void connect() {
    dial = &alice.dial(bob);
    ASSERT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
    accepted = bob.accept(*dial->offer()).value();
    ASSERT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 5s));
  }

  // change gives the relay another certificate, and what is to be said about it.
  std::string change(Relay& relay) {
    const transports::RelayTarget before = relay.target();
    relay.change_certificate();
    return "relay " + before.name() + " shows the pin " + base64url(relay.target().pins[0]) + ", expected is " +
           base64url(before.pins[0]);
  }

  static void expect_refusal(const Call& call, const std::string& says) {
    EXPECT_EQ(call.why()->code, make_error_code(Errc::kRelayPinMismatch));
    EXPECT_EQ(call.why()->detail, says);
  }

  World world{seed()};
  Relay& first = world.add_relay();
  Relay& second = world.add_relay();
  Peer& alice = world.add_peer(Nat::kPortRestricted, {.relays = {&first}});
  Peer& bob = world.add_peer(Nat::kPortRestricted, {.relays = {&first}});
  Call* dial = nullptr;
  Call* accepted = nullptr;
};

TEST_F(SimCertificate, EndsADialAtOnceAndNamesBothPins) {
  const transports::RelayTarget before = first.target();
  const std::string says = change(first);
  Peer& carol = world.add_peer(Nat::kNone, {.relays = {}, .first_relays = {before}});
  Call& call = carol.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return call.ended(); }, 1s));
  expect_refusal(call, says);
}

TEST_F(SimCertificate, EndsTheAnswerToAnOlderOfferAtOnceAndNamesBothPins) {
  dial = &alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
  const std::string says = change(first);
  Call& answer = *bob.accept(*dial->offer()).value();
  ASSERT_TRUE(world.run_until([&] { return answer.ended(); }, 1s));
  expect_refusal(answer, says);
}

TEST_F(SimCertificate, EndsAWaitingDialAfterAMinuteInWhichItMightHaveComeBack) {
  dial = &alice.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
  const std::string says = change(first);
  EXPECT_FALSE(world.run_until([&] { return dial->ended(); }, 1min));
  ASSERT_TRUE(world.run_until([&] { return dial->ended(); }, 1min));
  expect_refusal(*dial, says);
}

TEST_F(SimCertificate, EndsAConnectionThatHasNoOtherWay) {
  connect();
  change(first);
  for (Call* call : {dial, accepted}) {
    ASSERT_TRUE(world.run_until([&] { return call->ended(); }, 2min));
    EXPECT_FALSE(call->why()->message().empty());
  }
  EXPECT_EQ(first.engine().table().registrations(), 0u);
}

TEST_F(SimCertificate, DoesNotHinderAConnectionThatHasAnotherWay) {
  Peer& carol = world.add_peer(Nat::kPortRestricted, {.relays = {&first, &second}});
  world.introduce(carol, bob);
  dial = &carol.dial(bob);
  ASSERT_TRUE(world.run_until([&] { return dial->offer().has_value(); }, 5s));
  accepted = bob.accept(*dial->offer()).value();
  ASSERT_TRUE(world.run_until([&] { return dial->connected() && accepted->connected(); }, 5s));
  change(first);
  for (int minute = 0; minute < 5; ++minute) {
    dial->trickle(1000);
    accepted->trickle(1000);
    const std::size_t all = dial->receiving.read + accepted->receiving.read + 2000;
    ASSERT_TRUE(world.run_until([&] { return dial->receiving.read + accepted->receiving.read == all; }, 2s));
    world.run_for(1min);
  }
  EXPECT_EQ(dial->relay(), &second);
  EXPECT_EQ(first.engine().table().registrations(), 0u);
}

}  // namespace
}  // namespace quicket::sim
