#include "relay/forward/userspace_forwarder.hpp"

#include "tests/relay/forward/packets.hpp"
#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace quicket::relay {
namespace {

using quic::Ecn;

// Wire notes what leaves, cut into datagrams.
struct Wire final : DatagramSink {
  struct Sent {
    AddressPair target;
    Ecn ecn;
    Bytes bytes;
  };
  void send(const AddressPair& addresses, const Batch& batch) override {
    ++batches;
    for (ByteView left = batch.bytes; !left.empty();) {
      const ByteView one = left.first(std::min(batch.segment_size, left.size()));
      sent.push_back({addresses, batch.ecn, to_bytes(one)});
      left = left.subspan(one.size());
    }
  }

  std::vector<Sent> sent;
  std::size_t batches = 0;
};

// Relay is a table with one user-space plane.
struct Relay {
  explicit Relay(const ForwardOptions& options = {})
      : forwarder(
            table.routes(), wire, [this](const Received& datagram, TimePoint now) { http3(datagram, now); }, options) {}

  void receive(const Address& remote, const Bytes& datagram, TimePoint now = kStart, Ecn ecn = Ecn::kNotEct) {
    const Received received{.addresses = from(remote), .ecn = ecn, .bytes = datagram};
    forwarder.receive({&received, 1}, now);
  }
  void pair() {
    ASSERT_TRUE(table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
    ASSERT_TRUE(table.register_window(window(proven_key(2), kBob, session(1)), kStart));
  }
  // tell brings what the plane heard to the table, as the control thread does.
  void tell() {
    for (const Activity& activity : forwarder.take_activity()) table.heard(activity.id, activity.at);
  }

  Wire wire;
  std::function<void(const Received&, TimePoint)> http3 = [this](const Received&, TimePoint) { ++requests; };
  std::size_t requests = 0;
  RouteTable table{small_limits(), [this](const RouteChange& change) { forwarder.apply(change); }};
  UserspaceForwarder forwarder;
};

const ConnectionId kToAlice = id_of(proven_key(1), 1), kToBob = id_of(proven_key(2), 1);

TEST(UserspaceForwarder, ForwardsUnchangedWithItsEcnMark) {
  Relay relay;
  relay.pair();
  for (const Ecn ecn : {Ecn::kNotEct, Ecn::kEct0, Ecn::kEct1, Ecn::kCe})
    relay.receive(kBob, short_packet(kToAlice), kStart, ecn);
  ASSERT_EQ(relay.wire.sent.size(), 4u);
  for (const auto& sent : relay.wire.sent) {
    EXPECT_EQ(sent.target, from(kAlice));
    EXPECT_EQ(sent.bytes, short_packet(kToAlice));
  }
  EXPECT_EQ(relay.wire.sent[1].ecn, Ecn::kEct0);
  EXPECT_EQ(relay.wire.sent[3].ecn, Ecn::kCe);
}

TEST(UserspaceForwarder, CutsNoDatagramHoweverLong) {
  Relay relay;
  relay.pair();
  for (const std::size_t size : {1453u, 1472u, 9000u, 65507u}) {
    relay.receive(kBob, short_packet(kToAlice, size));
    EXPECT_EQ(relay.wire.sent.back().bytes, short_packet(kToAlice, size));
  }
}

TEST(UserspaceForwarder, SendsDatagramsThatLieBehindOneAnotherAsOneBatch) {
  Relay relay;
  relay.pair();
  Bytes memory;
  for (const std::size_t size : {1200u, 1200u, 1200u, 700u, 700u}) append(memory, short_packet(kToAlice, size));
  std::vector<Received> received;
  for (std::size_t offset = 0; offset < memory.size();) {
    const std::size_t size = received.size() < 3 ? 1200 : 700;
    received.push_back({.addresses = from(kBob), .bytes = ByteView(memory).subspan(offset, size)});
    offset += size;
  }
  relay.forwarder.receive(received, kStart);
  EXPECT_EQ(relay.wire.batches, 2u);  // the fourth ends the first batch, for it is shorter
  ASSERT_EQ(relay.wire.sent.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(relay.wire.sent[i].bytes, short_packet(kToAlice, i < 3 ? 1200 : 700));
}

TEST(UserspaceForwarder, JudgesEveryDatagramOfABurstByItself) {
  Relay relay;
  relay.pair();
  Bytes memory;
  for (const ConnectionId& id : {kToAlice, cid(0x11), kToAlice, kToBob}) append(memory, short_packet(id, 1000));
  std::vector<Received> received;
  for (std::size_t i = 0; i < 4; ++i)
    received.push_back({.addresses = from(kBob), .bytes = ByteView(memory).subspan(i * 1000, 1000)});
  relay.forwarder.receive(received, kStart);
  EXPECT_EQ(relay.wire.sent.size(), 2u);
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kUnknownShort), 1u);
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kToItself), 1u);
}

// A burst takes shortcuts that single datagrams do not.
TEST(UserspaceForwarder, DoesTheSameToABurstAsToItsDatagramsOneByOne) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  Relay whole, single;
  for (Relay* relay : {&whole, &single}) {
    relay->pair();
    ASSERT_TRUE(relay->table.register_window(window(bearer_key(3), kMallory), kStart));
    relay->http3 = [relay](const Received& datagram, TimePoint now) {  // routes change in the middle of a burst
      if (relay->requests++ % 2 == 0) {
        relay->table.release(proven_key(1));
      } else {
        relay->table.register_window(window(proven_key(1), kAlice, session(1)), now);
      }
      static_cast<void>(datagram);
    };
  }
  const std::vector<ConnectionId> ids{kToAlice, id_of(proven_key(1), 2), kToBob, id_of(bearer_key(3), 1), cid(0x11),
                                      cid(0x91)};
  const std::vector<Address> sources{kAlice, kBob, kMallory};
  for (int burst = 0; burst < 300; ++burst) {
    std::vector<std::pair<Address, Bytes>> packets;
    std::vector<Received> received;
    ConnectionId id = ids[0];
    Address source = kBob;
    for (int i = 0; i < 40; ++i) {
      if (random() % 8 == 0) id = ids[random() % ids.size()];
      if (random() % 8 == 0) source = sources[random() % sources.size()];
      Bytes packet = random() % 8 == 0 ? long_packet(id, cid(0x22)) : short_packet(id, 20 + random() % 100);
      packet[0] ^= static_cast<std::byte>(random() % 32);  // what header protection hides
      packets.emplace_back(source, std::move(packet));
    }
    for (const auto& [origin, packet] : packets) received.push_back({.addresses = from(origin), .bytes = packet});
    whole.forwarder.receive(received, kStart);
    for (const Received& one : received) single.forwarder.receive({&one, 1}, kStart);
  }
  ASSERT_EQ(whole.wire.sent.size(), single.wire.sent.size());
  for (std::size_t i = 0; i < whole.wire.sent.size(); ++i) {
    EXPECT_EQ(whole.wire.sent[i].target, single.wire.sent[i].target);
    EXPECT_EQ(whole.wire.sent[i].bytes, single.wire.sent[i].bytes);
  }
  EXPECT_EQ(whole.forwarder.counters().dropped, single.forwarder.counters().dropped);
  EXPECT_EQ(whole.forwarder.counters().forwarded_bytes, single.forwarder.counters().forwarded_bytes);
  EXPECT_EQ(whole.requests, single.requests);
}

TEST(UserspaceForwarder, SendsAtMostSixtyFourDatagramsInABatch) {
  Relay relay;
  relay.pair();
  Bytes memory;
  for (int i = 0; i < 100; ++i) append(memory, short_packet(kToAlice, 100));
  std::vector<Received> received;
  for (std::size_t i = 0; i < 100; ++i)
    received.push_back({.addresses = from(kBob), .bytes = ByteView(memory).subspan(i * 100, 100)});
  relay.forwarder.receive(received, kStart);
  EXPECT_EQ(relay.wire.batches, 2u);
  EXPECT_EQ(relay.wire.sent.size(), 100u);
}

TEST(UserspaceForwarder, GivesTheRestToHttp3InOrder) {
  Relay relay;
  relay.receive(kBob, short_packet(cid(0x91)));
  relay.receive(kBob, long_packet(cid(0x11, 8), cid(0x22, 8)));
  EXPECT_EQ(relay.requests, 2u);
  EXPECT_EQ(relay.forwarder.counters().http3, 2u);
  EXPECT_TRUE(relay.wire.sent.empty());
}

TEST(UserspaceForwarder, ForwardsAFlightThatOvertookItsRegistration) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  relay.receive(kBob, long_packet(kToAlice, kToBob), kStart, Ecn::kEct0);
  relay.receive(kBob, short_packet(kToAlice), kStart);
  relay.receive(kMallory, short_packet(kToAlice, 60), kStart);
  EXPECT_TRUE(relay.wire.sent.empty());
  ASSERT_TRUE(relay.table.register_window(window(proven_key(2), kBob, session(1)), kStart + 100ms));
  ASSERT_EQ(relay.wire.sent.size(), 2u);
  EXPECT_EQ(relay.wire.sent[0].target, from(kAlice));
  EXPECT_EQ(relay.wire.sent[0].bytes, long_packet(kToAlice, kToBob));
  EXPECT_EQ(relay.wire.sent[0].ecn, Ecn::kEct0);
  EXPECT_EQ(relay.wire.sent[1].bytes, short_packet(kToAlice));
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kHoldEnded), 1u);  // Mallory's
}

TEST(UserspaceForwarder, DropsAFlightWhoseSourceIsNotAdmittedInTime) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  relay.receive(kBob, short_packet(kToAlice));
  EXPECT_EQ(relay.forwarder.deadline(), kStart + 200ms);
  relay.forwarder.expire(kStart + 200ms);
  ASSERT_TRUE(relay.table.register_window(window(proven_key(2), kBob, session(1)), kStart + 200ms));
  EXPECT_TRUE(relay.wire.sent.empty());
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kHoldEnded), 1u);
}

TEST(UserspaceForwarder, DropsAHeldFlightWithTheRegistrationItIsFor) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  relay.receive(kBob, short_packet(kToAlice));
  relay.table.release(proven_key(1));
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kHoldEnded), 1u);
  ASSERT_TRUE(relay.table.register_window(window(proven_key(3), kMallory, session(2)), kStart));  // takes the slot
  ASSERT_TRUE(relay.table.register_window(window(proven_key(2), kBob, session(2)), kStart));
  EXPECT_TRUE(relay.wire.sent.empty());
}

// The registration and the flight arrive in one burst: the relay handles the first before it judges the second.
TEST(UserspaceForwarder, AdmitsWhomTheSameBurstsHttp3DatagramRegisters) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  relay.http3 = [&](const Received& datagram, TimePoint now) {
    relay.table.register_window(window(proven_key(2), datagram.addresses.remote, session(1)), now);
  };
  const Bytes request = short_packet(cid(0x91)), flight = long_packet(kToAlice, kToBob);
  const std::vector<Received> burst{{.addresses = from(kBob), .bytes = request},
                                    {.addresses = from(kBob), .bytes = flight}};
  relay.forwarder.receive(burst, kStart);
  EXPECT_EQ(relay.wire.sent.size(), 1u);
  EXPECT_EQ(relay.forwarder.counters().held, 0u);
}

TEST(UserspaceForwarder, LimitsTheRateTowardsARegistrationWithoutASession) {
  ForwardOptions options;
  options.open_packets_per_second = 100;
  options.open_burst = 10;
  Relay relay(options);
  ASSERT_TRUE(relay.table.register_window(window(bearer_key(1), kAlice), kStart));
  ASSERT_TRUE(relay.table.register_window(window(bearer_key(2), kBob), kStart));
  const Bytes to_alice = short_packet(id_of(bearer_key(1), 1)), to_bob = short_packet(id_of(bearer_key(2), 1));
  for (int i = 0; i < 50; ++i) relay.receive(kMallory, to_alice);
  EXPECT_EQ(relay.wire.sent.size(), 10u);
  EXPECT_EQ(relay.forwarder.counters().drops(DropReason::kRateLimited), 40u);
  relay.receive(kMallory, to_bob);
  EXPECT_EQ(relay.wire.sent.size(), 11u);  // each has its own
  for (int i = 0; i < 50; ++i) relay.receive(kMallory, to_alice, kStart + 100ms);
  EXPECT_EQ(relay.wire.sent.size(), 21u);
}

TEST(UserspaceForwarder, LimitsNoRateInASession) {
  ForwardOptions options;
  options.open_burst = 1;
  Relay relay(options);
  relay.pair();
  for (int i = 0; i < 50; ++i) relay.receive(kBob, short_packet(kToAlice));
  EXPECT_EQ(relay.wire.sent.size(), 50u);
}

TEST(UserspaceForwarder, RenewsTheSendersLeaseAndNotTheReceivers) {
  Relay relay;
  relay.pair();
  relay.receive(kBob, short_packet(kToAlice), kStart + 1min);
  relay.tell();
  relay.table.expire(kStart + 2min);
  EXPECT_FALSE(relay.table.find(proven_key(1)).has_value());
  EXPECT_TRUE(relay.table.find(proven_key(2)).has_value());
}

TEST(UserspaceForwarder, RenewsTheLeaseOfAWaitingDialerThatRetransmits) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kAlice, session(1)), kStart));
  relay.receive(kAlice, long_packet(cid(0x11), kToAlice), kStart + 1min);
  relay.receive(kMallory, long_packet(cid(0x11), kToAlice), kStart + 2min - 1s);  // not from its address
  relay.tell();
  relay.table.expire(kStart + 3min - 1ns);
  EXPECT_TRUE(relay.table.find(proven_key(1)).has_value());
  relay.table.expire(kStart + 3min);
  EXPECT_FALSE(relay.table.find(proven_key(1)).has_value());
  EXPECT_TRUE(relay.wire.sent.empty());
}

TEST(UserspaceForwarder, NeverRenewsALeaseByTrafficTowardsIt) {
  Relay relay;
  ASSERT_TRUE(relay.table.register_window(window(bearer_key(1), kAlice), kStart));
  ASSERT_TRUE(relay.table.register_window(window(proven_key(1), kBob, session(1)), kStart));
  for (TimePoint now = kStart; now < kStart + 2min; now += 1s) {
    relay.receive(kMallory, short_packet(id_of(bearer_key(1), 1)), now);
    relay.receive(kMallory, short_packet(kToAlice), now);
    relay.tell();
  }
  relay.table.expire(kStart + 2min);
  EXPECT_EQ(relay.table.registrations(), 0u);
}

TEST(UserspaceForwarder, ReportsEachSignOfLifeOnce) {
  Relay relay;
  relay.pair();
  for (int i = 0; i < 10; ++i) relay.receive(kBob, short_packet(kToAlice), kStart + i * 1s);
  const auto activity = relay.forwarder.take_activity();
  ASSERT_EQ(activity.size(), 1u);
  EXPECT_EQ(activity[0].id, relay.table.find(proven_key(2))->id);
  EXPECT_EQ(activity[0].at, kStart + 9s);
  EXPECT_TRUE(relay.forwarder.take_activity().empty());
}

}  // namespace
}  // namespace quicket::relay
