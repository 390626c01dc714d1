#include "core/peer/host.hpp"

#include "tests/core/peer/switchboard.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

using namespace test;

constexpr UnixTime kWallClock{std::chrono::seconds(1'800'000'000)};

struct Device {
  explicit Device(Switchboard& board) : host(identity, Bytes(32, std::byte{7})), port(board.plug(host)) {}
  Identity identity = Identity::generate();
  Host host;
  Switchboard::Port& port;
};

// Two peers, a dial under way, and what each of them reported.
class HostTest : public ::testing::Test {
 protected:
  LinkOptions options() { return {.protocols = {"test/1"}}; }

  LinkId dial(OfferKind kind = OfferKind::kSealed) {
    DialRequest request{.peer = bob.identity.id(), .kind = kind, .wall_clock = kWallClock, .options = options()};
    const std::vector<Host::LegChoice> legs{{&alice.port, {}}};
    return alice.host.dial(request, legs, board.now).value();
  }

  Bytes offer() {
    EXPECT_TRUE(board.run_until([&] { return seen<OfferReady>(alice); }));
    return seen<OfferReady>(alice)->offer;
  }

  Result<LinkId> accept(const Bytes& offer) {
    const std::vector trusted{alice.identity.id()};
    auto opened = open_offer(offer, bob.identity, trusted);
    if (!opened) return opened.error();
    const std::vector<Host::LegChoice> legs{{&bob.port, {}}};
    return bob.host.accept(*opened, legs, options(), board.now);
  }

  template <class E>
  const E* seen(Device& device) {
    for (const auto& [id, event] : board.events[&device.host]) {
      if (const E* found = std::get_if<E>(&event)) return found;
    }
    return nullptr;
  }

  bool connected() {
    return board.run_until([&] { return seen<Connected>(alice) && seen<Connected>(bob); });
  }

  Switchboard board;
  Device alice{board}, bob{board};
};

TEST_F(HostTest, ADialIsAnsweredThroughTheMeetingPlaceAlone) {
  dial();
  ASSERT_TRUE(accept(offer()).has_value());
  const TimePoint start = board.now;
  ASSERT_TRUE(connected());
  EXPECT_LE(board.now - start, 3 * Switchboard::kOneWay + 10ms);
  EXPECT_EQ(seen<Connected>(alice)->peer, bob.identity.id());
  EXPECT_EQ(seen<Connected>(bob)->peer, alice.identity.id());
  EXPECT_EQ(seen<Connected>(bob)->protocol, "test/1");
}

TEST_F(HostTest, AnOfferMayWaitForTenMinutesAndTheRoundTripIsStillSane) {
  const LinkId id = dial();
  const Bytes bytes = offer();
  board.run_for(10min);
  ASSERT_TRUE(accept(bytes).has_value());
  ASSERT_TRUE(connected());
  board.run_for(1s);
  EXPECT_LE(alice.host.connection(id)->statistics().smoothed_rtt, 3 * 2 * Switchboard::kOneWay);
}

TEST_F(HostTest, TheDialerSendsNothingWhileItWaits) {
  dial();
  offer();
  board.run_for(10min);
  EXPECT_EQ(board.carried, 0u);
}

TEST_F(HostTest, LosingAnyOneDatagramOfTheHandshakeStillConnectsWithinTenSeconds) {
  for (std::size_t lost = 0; lost < 10; ++lost) {
    Switchboard world;
    Device a(world), b(world);
    world.drop = [&](std::size_t number) { return number == lost; };
    const std::vector<Host::LegChoice> a_legs{{&a.port, {}}}, b_legs{{&b.port, {}}};
    const DialRequest request{.peer = b.identity.id(), .wall_clock = kWallClock, .options = options()};
    ASSERT_TRUE(a.host.dial(request, a_legs, world.now).has_value());
    const OfferReady* ready = nullptr;
    const auto find = [&]<class E>(Device& device, const E*& out) {
      for (const auto& [id, event] : world.events[&device.host]) {
        if (const E* found = std::get_if<E>(&event)) out = found;
      }
      return out != nullptr;
    };
    ASSERT_TRUE(world.run_until([&] { return find(a, ready); }));
    const std::vector trusted{a.identity.id()};
    ASSERT_TRUE(
        b.host.accept(open_offer(ready->offer, b.identity, trusted).value(), b_legs, options(), world.now).has_value());
    const Connected *at_a = nullptr, *at_b = nullptr;
    EXPECT_TRUE(world.run_until([&] { return find(a, at_a) && find(b, at_b); }, 10s)) << "datagram " << lost;
  }
}

TEST_F(HostTest, BytesFlowBothWaysOnTheApplicationsFirstStream) {
  const LinkId id = dial();
  const LinkId answer = accept(offer()).value();
  ASSERT_TRUE(connected());
  quic::Connection& a = *alice.host.connection(id);
  const quic::StreamId stream = a.open_stream(quic::Direction::kBidirectional).value();
  EXPECT_EQ(stream, 0);
  ASSERT_TRUE(a.write(stream, as_bytes("hello"), true).has_value());
  alice.host.touch(id, board.now);
  quic::Connection& b = *bob.host.connection(answer);
  ASSERT_TRUE(board.run_until([&] { return b.readable(stream) == 5; }));
  ASSERT_TRUE(b.write(stream, as_bytes("you too"), true).has_value());
  bob.host.touch(answer, board.now);
  EXPECT_TRUE(board.run_until([&] { return a.readable(stream) == 7; }));
}

TEST_F(HostTest, AnOpenOfferWorksToo) {
  dial(OfferKind::kOpen);
  ASSERT_TRUE(accept(offer()).has_value());
  EXPECT_TRUE(connected());
}

TEST_F(HostTest, JunkNeverWakesTheWaitingDialer) {
  dial();
  const Bytes bytes = offer();
  const Bytes flight = open_offer(bytes, bob.identity, std::vector{alice.identity.id()}).value().offer.flight.front();
  for (std::size_t size = 0; size < 1300; size += 13) board.inject(alice.port, Bytes(size, std::byte(size)));
  board.inject(alice.port, flight);
  for (std::size_t cut = 0; cut < flight.size(); cut += 11) board.inject(alice.port, ByteView(flight).first(cut));
  board.run_for(1min);
  EXPECT_EQ(board.carried, 0u);
  ASSERT_TRUE(accept(bytes).has_value());
  EXPECT_TRUE(connected());
}

TEST_F(HostTest, TheDialerRefusesAnotherKeyAndSendsNothing) {
  dial();
  Bytes bytes = offer();
  const auto opened = open_offer(bytes, bob.identity, std::vector{alice.identity.id()}).value();
  Host impostor(Identity::generate(), Bytes(32, std::byte{8}));
  Switchboard::Port& port = board.plug(impostor);
  const std::vector<Host::LegChoice> legs{{&port, {}}};
  ASSERT_TRUE(impostor.accept(opened, legs, options(), board.now).has_value());
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(alice) != nullptr; }));
  const Failure& why = seen<Disconnected>(alice)->why;
  EXPECT_EQ(why.code, Errc::kPeerKeyMismatch);
  EXPECT_NE(why.detail.find(bob.identity.id().to_string()), std::string::npos);
  EXPECT_EQ(seen<Connected>(alice), nullptr);
  EXPECT_TRUE(std::holds_alternative<Disconnected>(board.events[&alice.host].back().second));
}

// packet begins like one from Bob to Alice, whose flight is given: of this first byte and, in a long header, version.
Bytes packet(std::uint8_t first, std::uint8_t version, ByteView flight) {
  const ConnectionId to = parse_header(flight, ConnectionId::kDefaultLength)->source;
  Bytes packet{std::byte{first}};
  const auto append = [&](ByteView more) { packet.insert(packet.end(), more.begin(), more.end()); };
  if (first < 0x80) {
    append(to.bytes());
  } else {
    append(Bytes{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{version}});
    for (int id = 0; id < 2; ++id) {
      append(Bytes{std::byte(to.length())});
      append(to.bytes());
    }
  }
  packet.resize(packet.size() + 24);
  return packet;
}

TEST_F(HostTest, WhatAnybodyCanWriteTakesNoRoomInAWaitingDialAndNeverReachesQuic) {
  const LinkId id = dial();
  const Bytes bytes = offer();
  const Bytes flight = open_offer(bytes, bob.identity, std::vector{alice.identity.id()}).value().offer.flight.front();
  for (int copy = 0; copy < 8; ++copy) {
    board.inject(alice.port, packet(0xf0, 1, flight));  // Retry
    board.inject(alice.port, packet(0xc0, 0, flight));  // Version Negotiation
    board.inject(alice.port, packet(0xc0, 2, flight));  // another version
  }
  board.inject(alice.port, packet(0x40, 0, flight));  // 1-RTT: may be the accepter's, ahead of the answer
  board.drop = [](std::size_t) { return true; };
  ASSERT_TRUE(accept(bytes).has_value());
  board.run_for(0s);
  const Bytes answer = board.seen.front();
  board.inject(alice.port, packet(0xf0, 1, flight));
  board.inject(alice.port, answer);
  board.inject(alice.port, packet(0xc0, 0, flight));
  EXPECT_EQ(alice.host.connection(id)->statistics().packets_received, 2u);  // datagrams
}

TEST_F(HostTest, AnOfferWaitsForAnotherGrantWhenTheFirstIsGoneBeforeItLeaves) {
  Switchboard::Port& other = board.plug(alice.host);
  other.mute = true;
  const DialRequest request{.peer = bob.identity.id(), .wall_clock = kWallClock, .options = options()};
  const std::vector<Host::LegChoice> legs{{&alice.port, {}}, {&other, {}}};
  const LinkId id = alice.host.dial(request, legs, board.now).value();
  const PeerId::Key key = alice.host.link(id)->key();
  board.run_for(1ms);
  alice.port.refuse(key, {Errc::kRelayUnreachable, "no answer"}, false);
  board.run_for(1s);
  EXPECT_EQ(seen<Disconnected>(alice), nullptr);
  EXPECT_EQ(seen<OfferReady>(alice), nullptr);
  other.grant(key);
  ASSERT_TRUE(board.run_until([&] { return seen<OfferReady>(alice) != nullptr; }, 1s));
}

TEST_F(HostTest, ADialIsNotMoreThanSevenDaysPatient) {
  const std::vector<Host::LegChoice> legs{{&alice.port, {}}};
  for (const Duration patience : {Duration(7 * 24h + 1s), Duration::max(), Duration::zero(), Duration::min()}) {
    const DialRequest request{
        .peer = bob.identity.id(), .patience = patience, .wall_clock = kWallClock, .options = options()};
    EXPECT_EQ(alice.host.dial(request, legs, board.now).error(), boost::system::errc::invalid_argument);
  }
}

TEST_F(HostTest, TheAccepterRefusesADialerThatProvesAnotherKeyThanItsSeal) {
  dial();
  auto opened = open_offer(offer(), bob.identity, std::vector{alice.identity.id()}).value();
  opened.sender = Identity::generate().id();  // as if sealed by someone else
  const std::vector<Host::LegChoice> legs{{&bob.port, {}}};
  ASSERT_TRUE(bob.host.accept(opened, legs, options(), board.now).has_value());
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(bob) && seen<Disconnected>(alice); }));
  EXPECT_EQ(seen<Disconnected>(bob)->why.code, Errc::kPeerKeyMismatch);
  EXPECT_EQ(seen<Disconnected>(alice)->why.code, Errc::kRefusedByPeer);
  EXPECT_FALSE(seen<Connected>(alice) || seen<Connected>(bob));
}

TEST_F(HostTest, PeersWithoutACommonProtocolPartWithANamedError) {
  dial();
  const auto opened = open_offer(offer(), bob.identity, std::vector{alice.identity.id()}).value();
  const std::vector<Host::LegChoice> legs{{&bob.port, {}}};
  ASSERT_TRUE(bob.host.accept(opened, legs, {.protocols = {"other/1"}}, board.now).has_value());
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(bob) && seen<Disconnected>(alice); }));
  EXPECT_EQ(seen<Disconnected>(bob)->why.code, Errc::kNoCommonProtocol);
  EXPECT_EQ(seen<Disconnected>(alice)->why.code, Errc::kNoCommonProtocol);
}

TEST_F(HostTest, ADialEndsAtItsDeadlineAndReleasesItsRegistration) {
  dial();
  offer();
  EXPECT_EQ(alice.port.held.size(), 1u);
  board.run_for(15min + 1s);
  ASSERT_NE(seen<Disconnected>(alice), nullptr);
  EXPECT_EQ(seen<Disconnected>(alice)->why.code, Errc::kDialDeadline);
  EXPECT_TRUE(alice.port.held.empty());
  EXPECT_EQ(alice.host.links(), 0u);
}

TEST_F(HostTest, ADialFailsAtOnceWhenTheOnlyRelayRefuses) {
  alice.port.mute = true;
  const LinkId id = dial();
  alice.port.refuse(alice.host.link(id)->key(), {Errc::kRelayRefused, "not now"}, false);
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(alice) != nullptr; }, 1s));
  EXPECT_EQ(seen<Disconnected>(alice)->why.message(), "not now");
}

TEST_F(HostTest, ADialGivesARelayThatDoesNotAnswerSomeSecondsToComeBack) {
  alice.port.mute = true;
  const LinkId id = dial();
  alice.port.refuse(alice.host.link(id)->key(), {Errc::kRelayUnreachable, "no answer"}, false);
  board.run_for(Link::kUnreachableTimeout - 1s);
  EXPECT_EQ(seen<Disconnected>(alice), nullptr);
  board.run_for(1s);
  ASSERT_NE(seen<Disconnected>(alice), nullptr);
  EXPECT_EQ(seen<Disconnected>(alice)->why.message(), "no answer");
}

TEST_F(HostTest, AWaitingDialOutlivesARelayThatIsAwayForAWhile) {
  const LinkId id = dial();
  const Bytes bytes = offer();
  alice.port.refuse(alice.host.link(id)->key(), {Errc::kRelayUnreachable, "no answer"}, false);
  board.run_for(1min);
  EXPECT_EQ(seen<Disconnected>(alice), nullptr);
  ASSERT_TRUE(accept(bytes).has_value());
  EXPECT_TRUE(connected());
}

TEST_F(HostTest, AWaitingDialEndsWhenTheOnlyRelayRefusesForGood) {
  const LinkId id = dial();
  offer();
  alice.port.refuse(alice.host.link(id)->key(), {Errc::kAnsweredElsewhere, {}}, true);
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(alice) != nullptr; }, 1s));
  EXPECT_EQ(seen<Disconnected>(alice)->why.code, Errc::kAnsweredElsewhere);
}

TEST_F(HostTest, ADialWithoutAnyAnswerFromTheRelayGivesUpAfterItsTimeout) {
  alice.port.mute = true;
  dial();
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(alice) != nullptr; }, 1min));
  EXPECT_EQ(seen<Disconnected>(alice)->why.code, Errc::kRelayUnreachable);
}

TEST_F(HostTest, CloseReachesTheOtherSideWithItsCode) {
  const LinkId id = dial();
  ASSERT_TRUE(accept(offer()).has_value());
  ASSERT_TRUE(connected());
  alice.host.close(id, 5, "enough", board.now);
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(bob) != nullptr; }));
  EXPECT_EQ(seen<Disconnected>(bob)->why.code, Errc::kClosedByPeer);
  board.run_for(5s);
  EXPECT_EQ(alice.host.links() + bob.host.links(), 0u);
  EXPECT_TRUE(alice.port.held.empty() && bob.port.held.empty());
}

TEST_F(HostTest, AnAccepterWhoseDialerIsGoneGivesUp) {
  const LinkId id = dial();
  const Bytes bytes = offer();
  alice.host.fail(id, {Errc::kCancelled, {}}, board.now);
  board.run_for(0s);
  ASSERT_TRUE(accept(bytes).has_value());
  ASSERT_TRUE(board.run_until([&] { return seen<Disconnected>(bob) != nullptr; }, 1min));
  EXPECT_EQ(seen<Disconnected>(bob)->why.code, Errc::kHandshakeFailed);
}

TEST_F(HostTest, TheWindowOfIdsGrowsAndSlidesAsMigrationsUseThemUp) {
  const LinkId id = dial();
  ASSERT_TRUE(accept(offer()).has_value());
  ASSERT_TRUE(connected());
  quic::Connection& connection = *alice.host.connection(id);
  for (std::uint32_t label = 2; label < 80; ++label) {
    board.run_for(4s);
    ASSERT_TRUE(connection.migrate_now(quic::label_path(label), board.now).has_value()) << label;
    alice.host.touch(id, board.now);
  }
  EXPECT_FALSE(seen<Disconnected>(alice) || seen<Disconnected>(bob));
  EXPECT_GT(connection.schedule().issued(), 64u);
}

}  // namespace
}  // namespace quicket
