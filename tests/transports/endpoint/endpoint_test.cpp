#include "tests/transports/endpoint/world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <gmock/gmock.h>

namespace quicket::test {
namespace {

using testing::HasSubstr;

SendOffer nowhere() {
  return [](ByteView) {};
}

TEST(Endpoint, ConnectsTwoPeersByOneMessage) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  EXPECT_EQ(mine.peer(), bob.id());
  EXPECT_EQ(theirs.peer(), alice.id());
  EXPECT_EQ(mine.protocol(), "test/1");
  EXPECT_TRUE(mine.is_dialer());
  EXPECT_FALSE(theirs.is_dialer());
}

TEST(Endpoint, SaysOverWhatAConnectionRuns) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  EXPECT_EQ(mine.path().kind, PathInfo::Kind::kRelay);
  EXPECT_EQ(mine.path().remote, world.relay->local_addresses().front());
  EXPECT_THAT(mine.path().to_string(), HasSubstr("relay 127.0.0.1:"));
  EXPECT_GT(mine.statistics().packets_received, 0u);
}

TEST(Endpoint, SaysThatNoRelayAnswers) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const auto both = world.connect(alice, bob);
  world.relay.reset();
  const auto lost = [](const Connection& connection) { return connection.path().remote.is_unspecified(); };
  EXPECT_TRUE(world.run_until([&] { return lost(both.first) && lost(both.second); }));
}

TEST(Endpoint, GivesBothPeersTheSameExportedSecret) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  EXPECT_EQ(mine.exporter("EXPORTER-test", 32).value(), theirs.exporter("EXPORTER-test", 32).value());
}

TEST(Endpoint, RefusesOptionsWithoutAProtocol) {
  asio::io_context context;
  const auto made = Endpoint::create(context.get_executor(), {.identity = Identity::generate()});
  ASSERT_TRUE(made.has_error());
  EXPECT_EQ(made.error().code, boost::system::errc::invalid_argument);
}

TEST(Dial, TellsItsProgressInOrder) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  std::vector<std::size_t> told;
  std::optional<Task<Connection>> accepted;
  auto send = [&](ByteView offer) {
    accepted.emplace(world.context, bob.accept_offer(to_bytes(offer), AcceptOptions()));
  };
  DialOptions options;
  options.on_progress = [&](const Progress& progress) { told.push_back(progress.index()); };
  auto dialed = world.spawn(alice.dial_with(bob.id(), send, options));
  dialed.get();
  EXPECT_EQ(told, (std::vector{Progress(RelayRegistered()).index(), Progress(OfferMade()).index(),
                               Progress(PeerAnswered()).index()}));
}

TEST(Dial, FailsWithoutARelay) {
  World world;
  auto options = world.alice_options();
  options.relays.clear();
  const Endpoint alice = world.endpoint(std::move(options));
  EXPECT_EQ(world.spawn(alice.dial_with(world.bob.id(), nowhere(), DialOptions())).error(), Errc::kNoRelay);
}

TEST(Dial, NamesTheRelayThatDoesNotAnswer) {
  World world;
  auto options = world.alice_options();
  world.relay->stop();
  const std::string name = options.relays.front().authority();
  const Endpoint alice = world.endpoint(std::move(options));
  DialOptions impatient;
  impatient.patience = 300ms;
  auto dialed = world.spawn(alice.dial_with(world.bob.id(), nowhere(), impatient));
  EXPECT_EQ(dialed.error(), Errc::kRelayUnreachable);
  EXPECT_THAT(dialed.what(), HasSubstr(name));
}

TEST(Dial, GivesUpWhenNobodyAnswersInTime) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  DialOptions impatient;
  impatient.patience = 500ms;
  auto dialed = world.spawn(alice.dial_with(world.bob.id(), nowhere(), impatient));
  EXPECT_EQ(dialed.error(), Errc::kDialDeadline);
  EXPECT_THAT(dialed.what(), HasSubstr(world.bob.id().to_string()));
}

TEST(Dial, IsForgottenByTheRelayWhenCancelled) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  bool offered = false;
  auto send = [&](ByteView) { offered = true; };
  asio::cancellation_signal cancel;
  std::optional<error_code> result;
  auto dial = [&]() -> asio::awaitable<void> {
    auto dialed = alice.dial_with(world.bob.id(), send, DialOptions());
    try {
      co_await std::move(dialed);
    } catch (const boost::system::system_error& error) {
      result = error.code();
    }
  };
  asio::co_spawn(world.context, dial(), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  ASSERT_TRUE(world.run_until([&] { return offered; }));
  EXPECT_EQ(world.relay->snapshot().registrations, 1u);
  cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(world.run_until([&] { return result.has_value() && world.relay->snapshot().registrations == 0; }));
  EXPECT_EQ(*result, asio::error::operation_aborted);
}

TEST(Dial, EndsAtATimeoutOfItsCaller) {
  using namespace asio::experimental::awaitable_operators;
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  auto race = [&]() -> asio::awaitable<std::size_t> {
    asio::steady_timer timer(world.context, 100ms);
    auto dialed = alice.dial_with(world.bob.id(), nowhere(), DialOptions());
    auto timeout = timer.async_wait(asio::use_awaitable);
    auto both = std::move(timeout) || std::move(dialed);
    const auto first = co_await std::move(both);
    co_return first.index();
  };
  EXPECT_EQ(world.spawn(race()).get(), 0u);
}

TEST(Dial, IsAbortedWithItsEndpoint) {
  World world;
  std::optional<Endpoint> alice(world.endpoint(world.alice_options()));
  bool offered = false;
  auto send = [&](ByteView) { offered = true; };
  auto dialed = world.spawn(alice->dial_with(world.bob.id(), send, DialOptions()));
  ASSERT_TRUE(world.run_until([&] { return offered; }));
  alice.reset();
  EXPECT_EQ(dialed.error(), asio::error::operation_aborted);
}

TEST(Accept, RefusesTheOfferOfAStranger) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  const Endpoint bob = world.endpoint(world.options(world.bob, Identity::generate()));
  std::optional<Task<Connection>> accepted;
  auto send = [&](ByteView offer) {
    accepted.emplace(world.context, bob.accept_offer(to_bytes(offer), AcceptOptions()));
  };
  auto dialed = world.spawn(alice.dial_with(bob.id(), send, DialOptions()));
  ASSERT_TRUE(world.run_until([&] { return accepted && accepted->is_done(); }));
  EXPECT_EQ(accepted->error(), Errc::kPeerUnknown);
}

TEST(Accept, RefusesAnOfferThatWasUsed) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  Bytes copy;
  std::optional<Task<Connection>> accepted;
  auto send = [&](ByteView offer) {
    copy = to_bytes(offer);
    accepted.emplace(world.context, bob.accept_offer(copy, AcceptOptions()));
  };
  auto dialed = world.spawn(alice.dial_with(bob.id(), send, DialOptions()));
  dialed.get();
  EXPECT_EQ(world.spawn(bob.accept_offer(copy, AcceptOptions())).error(), Errc::kOfferReplayed);
}

TEST(Accept, RemembersUsedOffersInItsState) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("quicket-endpoint-" + Identity::generate().id().to_string());
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  auto options = world.bob_options();
  options.state = folder;
  Bytes copy;
  {
    const Endpoint bob = world.endpoint(options);
    std::optional<Task<Connection>> accepted;
    auto send = [&](ByteView offer) {
      copy = to_bytes(offer);
      accepted.emplace(world.context, bob.accept_offer(copy, AcceptOptions()));
    };
    auto dialed = world.spawn(alice.dial_with(bob.id(), send, DialOptions()));
    dialed.get();
  }
  const Endpoint bob = world.endpoint(options);
  EXPECT_EQ(world.spawn(bob.accept_offer(copy, AcceptOptions())).error(), Errc::kOfferReplayed);
  std::filesystem::remove_all(folder);
}

TEST(Accept, CanBeCancelledWhileTheRelaysNamesAreLookedUp) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  EndpointOptions options = world.bob_options();
  options.relays.front().host = "localhost";
  const Endpoint bob = world.endpoint(options);
  std::optional<Bytes> offer;
  auto send = [&](ByteView bytes) { offer = to_bytes(bytes); };
  auto dial = world.spawn(alice.dial_with(bob.id(), send, DialOptions()));
  ASSERT_TRUE(world.run_until([&] { return offer.has_value(); }));
  asio::cancellation_signal cancel;
  std::optional<error_code> result;
  bool accepted = false;
  auto accept = [&]() -> asio::awaitable<void> {
    AcceptOptions with;
    with.on_progress = [&](const Progress& progress) { accepted |= std::holds_alternative<OfferAccepted>(progress); };
    auto waiting = bob.accept_offer(*offer, with);
    try {
      co_await std::move(waiting);
    } catch (const boost::system::system_error& error) {
      result = error.code();
    }
  };
  asio::co_spawn(world.context, accept(), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  asio::post(world.context, [&] { cancel.emit(asio::cancellation_type::terminal); });
  ASSERT_TRUE(world.run_until([&] { return result.has_value(); }));
  EXPECT_EQ(*result, asio::error::operation_aborted);
  bool later = false;
  asio::steady_timer timer(world.context, 1s);
  timer.async_wait([&](const error_code&) { later = true; });
  EXPECT_TRUE(world.run_until([&] { return later; }));  // the names are known by now, and nobody is called twice
  EXPECT_FALSE(accepted);
}

TEST(Close, ReleasesWhatTheRelayHolds) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  EXPECT_EQ(world.relay->snapshot().registrations, 2u);
  auto ended = world.spawn(theirs.wait_closed());
  world.spawn(alice.close()).get();
  EXPECT_EQ(ended.get().why.code, Errc::kClosedByPeer);
  EXPECT_TRUE(world.run_until([&] { return world.relay->snapshot().registrations == 0; }));
}

TEST(Close, AbortsWhatIsStartedLater) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options());
  world.spawn(alice.close()).get();
  EXPECT_EQ(world.spawn(alice.dial_with(world.bob.id(), nowhere(), DialOptions())).error(),
            asio::error::operation_aborted);
  EXPECT_FALSE(world.spawn(alice.close()).error());
}

TEST(Close, EndsInTimeWhenTheRelayIsGone) {
  World world;
  auto options = world.alice_options();
  options.timeouts.close = 200ms;
  const Endpoint alice = world.endpoint(options), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  world.relay->stop();
  const auto start = std::chrono::steady_clock::now();
  world.spawn(alice.close()).get();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST(Endpoint, TellsItsPeersWhenItIsDestroyed) {
  World world;
  std::optional<Endpoint> alice(world.endpoint(world.alice_options()));
  const Endpoint bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(*alice, bob);
  auto ended = world.spawn(theirs.wait_closed());
  alice.reset();
  EXPECT_EQ(ended.get().why.code, Errc::kClosedByPeer);
}

TEST(Endpoint, EndsAConnectionWhenItsRelayDies) {
  World world;
  auto options = world.alice_options();
  options.timeouts.idle = 1s;
  const Endpoint alice = world.endpoint(options), bob = world.endpoint(world.bob_options());
  const auto [mine, theirs] = world.connect(alice, bob);
  world.relay->stop();
  EXPECT_EQ(world.spawn(mine.wait_closed()).get().why.code, Errc::kIdleTimeout);
}

// A coroutine that owns its endpoint and waits in it: a circle, which only the context's end can break.
TEST(Endpoint, IsLetGoWithItsContext) {
  std::weak_ptr<int> alive;
  {
    World world;
    auto witness = std::make_shared<int>(1);
    alive = witness;
    auto wait = [](Endpoint endpoint, PeerId peer, std::shared_ptr<int> held) -> asio::awaitable<void> {
      auto dialed = endpoint.dial_with(
          peer, [](ByteView) {}, DialOptions());
      Connection connection = co_await std::move(dialed);
      *held = 2;
    };
    asio::co_spawn(world.context, wait(world.endpoint(world.alice_options()), world.bob.id(), std::move(witness)),
                   asio::detached);
    world.run_until([&] { return world.relay->snapshot().registrations == 1; });
    EXPECT_FALSE(alive.expired());
    world.relay.reset();
  }
  EXPECT_TRUE(alive.expired());
}

}  // namespace
}  // namespace quicket::test
