#include "tests/transports/endpoint/world.hpp"

#include <gmock/gmock.h>

namespace quicket::test {
namespace {

using testing::HasSubstr;

// Two endpoints that trust nobody, but whom the test adds.
class PairingTest : public ::testing::Test {
 protected:
  EndpointOptions options(const Identity& own) {
    EndpointOptions options = world.alice_options();
    options.identity = own;
    options.trust = {};
    return options;
  }

  // pair lets alice call somebody as `name`, and bob accept as `alices_name`.
  void pair(const Endpoint& alice, const Endpoint& bob, std::string name, std::string alices_name) {
    AcceptOptions accept;
    accept.pairing = PairingOptions{.name = std::move(alices_name)};
    auto send = [this, &bob, accept](ByteView offer) {
      kind = offer_kind(offer).value();
      accepted.emplace(world.context, bob.accept_offer(to_bytes(offer), accept));
    };
    const PairingOptions pairing{.name = std::move(name)};
    dialed.emplace(world.context, alice.dial_with(pairing, send, DialOptions()));
  }

  World world;
  std::optional<OfferKind> kind;
  std::optional<Task<Connection>> dialed, accepted;
};

TEST_F(PairingTest, MakesTwoWhoTrustNobodyTrustEachOther) {
  const Endpoint alice = world.endpoint(options(world.alice)), bob = world.endpoint(options(world.bob));
  pair(alice, bob, "bob", "alice");
  EXPECT_EQ(dialed->get().peer(), bob.id());
  EXPECT_EQ(accepted->get().peer(), alice.id());
  EXPECT_EQ(kind, OfferKind::kPairing);
  const auto [mine, theirs] = world.connect(bob, alice);
  EXPECT_EQ(mine.peer(), alice.id());
  EXPECT_EQ(theirs.peer(), bob.id());
}

TEST_F(PairingTest, RefusesAnOfferForANameThatAnotherKeyHas) {
  EndpointOptions knowing = options(world.bob);
  ASSERT_TRUE(knowing.trust.add("alice", Identity::generate().id()));
  const Endpoint alice = world.endpoint(options(world.alice)), bob = world.endpoint(std::move(knowing));
  pair(alice, bob, "bob", "alice");
  ASSERT_TRUE(world.run_until([&] { return accepted && accepted->is_done(); }));
  EXPECT_EQ(accepted->error(), Errc::kNameTaken);
  EXPECT_THAT(accepted->what(), HasSubstr("quicket trust remove alice"));
}

TEST_F(PairingTest, RefusesAnAccepterWhoseKeyHasAnotherNameBeforeThatTrustsAnybody) {
  EndpointOptions knowing = options(world.alice);
  ASSERT_TRUE(knowing.trust.add("robert", world.bob.id()));
  const Endpoint alice = world.endpoint(std::move(knowing)), bob = world.endpoint(options(world.bob));
  pair(alice, bob, "bob", "alice");
  EXPECT_EQ(dialed->error(), Errc::kNameTaken);
  EXPECT_THAT(dialed->what(), HasSubstr("robert"));
  ASSERT_TRUE(world.run_until([&] { return accepted->is_done(); }));
  EXPECT_EQ(accepted->error(), Errc::kRefusedByPeer);
}

TEST_F(PairingTest, TakesAKnownNameForItsOwnKeyAndNoOther) {
  for (const bool is_bob : {true, false}) {
    EndpointOptions knowing = options(world.alice);
    ASSERT_TRUE(knowing.trust.add("bob", is_bob ? world.bob.id() : Identity::generate().id()));
    const Endpoint alice = world.endpoint(std::move(knowing)), bob = world.endpoint(options(world.bob));
    pair(alice, bob, "bob", "alice");
    EXPECT_EQ(dialed->error(), is_bob ? error_code() : make_error_code(Errc::kPeerKeyMismatch));
    accepted->error();
  }
}

TEST_F(PairingTest, RefusesANameThatIsNone) {
  const Endpoint alice = world.endpoint(options(world.alice)), bob = world.endpoint(options(world.bob));
  pair(alice, bob, "-", "alice");
  EXPECT_EQ(dialed->error(), boost::system::errc::invalid_argument);
  EXPECT_FALSE(accepted.has_value());
}

}  // namespace
}  // namespace quicket::test
