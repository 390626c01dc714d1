#include "tests/transports/endpoint/wake_pipe.hpp"
#include "tests/transports/endpoint/world.hpp"

#include <gmock/gmock.h>

namespace quicket::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

Carrier open(const Endpoint& endpoint, const std::string& name, const CarrierOptions& options) {
  const CarrierLibrary library({.plugin_path = QUICKET_BAD_CARRIERS, .install_dir = QUICKET_TEST_CARRIERS},
                               endpoint.carrier_services());
  return library.open({.name = name, .options = options}).value();
}
Carrier writer(const Endpoint& endpoint, const Pipe& pipe) {
  return open(endpoint, "stdio", {{"out", "fd:" + pipe.in()}});
}
Carrier reader(const Endpoint& endpoint, const Pipe& pipe) {
  return open(endpoint, "stdio", {{"in", "fd:" + pipe.out()}});
}

// Told keeps which kinds of progress were told.
struct Told {
  std::vector<std::size_t> kinds;
  OnProgress on_progress() {
    return [this](const Progress& progress) { kinds.push_back(progress.index()); };
  }
  template <class Kind>
  std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count(kinds, Progress(Kind()).index()));
  }
};

TEST(Carriers, BringAnOfferFromPeerToPeer) {
  const Pipe pipe;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}));
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
  EXPECT_EQ(dialed.get().peer(), bob.id());
  EXPECT_EQ(accepted.get().peer(), alice.id());
}

TEST(Carriers, RaceAndTheSecondCopyIsDropped) {
  const Pipe one, other;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  Told told;
  const Listener listener = bob.listen({reader(bob, one), reader(bob, other)}, {.on_progress = told.on_progress()});
  auto accepted = world.spawn(listener.accept());
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, one), writer(alice, other)}));
  dialed.get();
  accepted.get();
  EXPECT_TRUE(world.run_until([&] { return told.count<OfferDuplicate>() == 1; }));
  EXPECT_EQ(told.count<OfferAccepted>(), 1u);
}

// Hanging is a carrier that never returns, until the test lets it go.
struct Hanging {
  Pipe until, closed;
  Carrier open_for(const Endpoint& endpoint) const {
    return open(endpoint, "hanging", {{"until", until.out()}, {"closed", closed.in()}});
  }
  bool is_hanging() const { return !closed.readable(0ms); }
  // let_go waits for the instance's end: no thread outlives its test.
  void let_go() const {
    until.write();
    closed.read();
  }
};

TEST(Carriers, AreAsFastTogetherAsTheOneThatWorks) {
  const Pipe pipe;
  const Hanging delivering, receiving;
  {
    World world;
    const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
    auto accepted = world.spawn(
        bob.accept({receiving.open_for(bob), open(bob, "stdio", {{"in", "/nonexistent/offer"}}), reader(bob, pipe)}));
    auto dialed =
        world.spawn(alice.dial(bob.id(), {delivering.open_for(alice),
                                          open(alice, "stdio", {{"out", "/nonexistent/offer"}}), writer(alice, pipe)}));
    EXPECT_EQ(dialed.get().peer(), bob.id());
    EXPECT_EQ(accepted.get().peer(), alice.id());
    EXPECT_TRUE(delivering.is_hanging());
    EXPECT_TRUE(receiving.is_hanging());
  }
  delivering.let_go();
  receiving.let_go();
}

TEST(Carriers, FailADialOnlyTogether) {
  const Pipe pipe;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  Told told;
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}));
  DialOptions options;
  options.on_progress = told.on_progress();
  auto dialed = world.spawn(
      alice.dial(bob.id(), {open(alice, "stdio", {{"out", "/nonexistent/offer"}}), writer(alice, pipe)}, options));
  EXPECT_EQ(dialed.get().peer(), bob.id());
}

TEST(Carriers, FailADialWhenNoneIsLeft) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  Told told;
  DialOptions options;
  options.on_progress = told.on_progress();
  auto dialed =
      world.spawn(alice.dial(world.bob.id(), {open(alice, "stdio", {{"out", "/nonexistent/offer"}})}, options));
  EXPECT_EQ(dialed.error(), Errc::kCarrierFailed);
  EXPECT_THAT(dialed.what(), HasSubstr("/nonexistent"));
  EXPECT_EQ(told.count<CarrierStopped>(), 1u);
}

TEST(Listener, FailsWhenItsCarriersEndWithoutAnOffer) {
  Pipe pipe;
  World world;
  const Endpoint bob = world.endpoint(world.bob_options());
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}));
  pipe.end();
  EXPECT_EQ(accepted.error(), Errc::kCarrierNothing);
}

TEST(Listener, GoesOnAfterAnOfferThatItRefuses) {
  const Pipe pipe;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  Told told;
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}, {.on_progress = told.on_progress()}));
  pipe.write(offer_to_json(Bytes{std::byte{1}, std::byte{1}, std::byte{7}}) + "\n");
  ASSERT_TRUE(world.run_until([&] { return told.count<OfferRefused>() == 1; }));
  EXPECT_FALSE(accepted.is_done());
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
  EXPECT_EQ(accepted.get().peer(), alice.id());
}

TEST(Listener, TakesAFriendsOfferBehindAStrangersOneOfTheSameCarrier) {
  const Pipe pipe;
  World world;
  const Identity mallory = Identity::generate();
  const Endpoint stranger = world.endpoint(world.options(mallory, world.bob));
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  std::vector<error_code> refusals;
  AcceptOptions options;
  options.on_progress = [&](const Progress& progress) {
    if (const auto* refused = std::get_if<OfferRefused>(&progress)) refusals.push_back(refused->why.code);
  };
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}, options));
  const auto never = world.spawn(stranger.dial(bob.id(), {writer(stranger, pipe)}));
  ASSERT_TRUE(world.run_until([&] { return !refusals.empty(); }));
  EXPECT_EQ(refusals.front(), Errc::kPeerUnknown);
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
  EXPECT_EQ(accepted.get().peer(), alice.id());
  EXPECT_FALSE(never.is_done());
}

// give_up dials, and gives up once the offer is in the pipe.
void give_up(World& world, const Pipe& pipe) {
  const Endpoint alice = world.endpoint(world.alice_options());
  Told told;
  DialOptions options;
  options.on_progress = told.on_progress();
  const auto dialed = world.spawn(alice.dial(world.bob.id(), {writer(alice, pipe)}, options));
  ASSERT_TRUE(world.run_until([&] { return told.count<OfferDelivered>() == 1; }));
  auto closed = world.spawn(alice.close());
  closed.get();
}

TEST(Listener, AnswersAFreshOfferWhileAStaleOneIsTried) {
  const Pipe pipe;
  World world;
  give_up(world, pipe);
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  Told told;
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}, {.on_progress = told.on_progress()}));
  ASSERT_TRUE(world.run_until([&] { return told.count<OfferAccepted>() == 1; }));
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
  EXPECT_EQ(accepted.get().peer(), alice.id());
  EXPECT_EQ(dialed.get().peer(), bob.id());
  EXPECT_EQ(told.count<AttemptFailed>(), 0u);  // the stale one was still tried
}

TEST(Listener, SaysWhyTheLatestOfferLedToNothingWhenItsCarriersHaveEnded) {
  Pipe pipe;
  World world;
  const Endpoint bob = world.endpoint(world.bob_options());
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}));
  pipe.write(offer_to_json(Bytes{std::byte{1}, std::byte{1}, std::byte{7}}) + "\n");
  pipe.end();
  EXPECT_TRUE(accepted.error() == Errc::kOfferMalformed || accepted.error() == Errc::kOfferNotForUs)
      << accepted.error();
}

TEST(Listener, WaitsForAnAttemptAfterItsCarriersHaveEndedAndSaysWhyItFailed) {
  Pipe pipe;
  World world;
  give_up(world, pipe);
  EndpointOptions options = world.bob_options();
  options.timeouts.handshake = 100ms;
  const Endpoint bob = world.endpoint(options);
  auto accepted = world.spawn(bob.accept({reader(bob, pipe)}));
  pipe.end();
  const error_code why = accepted.error();
  EXPECT_TRUE(why == Errc::kPeerSilent || why == Errc::kHandshakeFailed) << why;
}

TEST(Listener, SaysAtItsEndOnlyThatNothingIsLeftOnceItHasConnected) {
  Pipe pipe;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const Listener listener = bob.listen({reader(bob, pipe)}, AcceptOptions());
  auto accepted = world.spawn(listener.accept());
  auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
  dialed.get();
  accepted.get();
  auto next = world.spawn(listener.accept());
  pipe.write(offer_to_json(Bytes{std::byte{1}, std::byte{1}, std::byte{7}}) + "\n");
  pipe.end();
  EXPECT_EQ(next.error(), Errc::kCarrierNothing);
}

TEST(Listener, TakesOneConnectionAfterTheOther) {
  const Pipe pipe;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const Listener listener = bob.listen({reader(bob, pipe)}, AcceptOptions());
  for (int i = 0; i < 3; ++i) {
    auto accepted = world.spawn(listener.accept());
    auto dialed = world.spawn(alice.dial(bob.id(), {writer(alice, pipe)}));
    EXPECT_EQ(dialed.get().peer(), bob.id());
    EXPECT_EQ(accepted.get().peer(), alice.id());
  }
}

TEST(Listener, IsAbortedWithItsEndpoint) {
  const Pipe pipe;
  World world;
  std::optional<Endpoint> bob(world.endpoint(world.bob_options()));
  const Listener listener = bob->listen({reader(*bob, pipe)}, AcceptOptions());
  auto accepted = world.spawn(listener.accept());
  world.context.poll();
  bob.reset();
  EXPECT_EQ(accepted.error(), asio::error::operation_aborted);
}

}  // namespace
}  // namespace quicket::test
