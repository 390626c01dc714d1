// What ends, stalls or robs the relay of the reference implementation does nothing to ours.

#include "core/cid/schedule.hpp"
#include "tests/relay/forward/packets.hpp"
#include "tests/relay/server/loopback.hpp"

namespace quicket::relay {
namespace {

using namespace test;

// A relay with a client that holds bearer key 1.
class ReferenceDefects : public RelayTest {
 protected:
  void SetUp() override {
    serve(options);
    holder = std::make_unique<LoopbackClient>(context, address());
    ASSERT_EQ(holder->register_bearer(1), 200);
    sender = std::make_unique<LoopbackClient>(context, address());
  }
  // Whatever a test did: the relay forwards to the holder, and serves who is new.
  void TearDown() override {
    const std::size_t before = holder->strange().size();
    sender->send_datagram(address(), to_holder(99));
    EXPECT_TRUE(until(context, [&] { return holder->strange().size() > before; }));
    EXPECT_EQ(holder->strange().back(), to_holder(99));
    LoopbackClient newcomer(context, address());
    EXPECT_EQ(newcomer.register_bearer(77), 200);
  }
  static Bytes to_holder(std::size_t size, std::uint8_t key = 1) {
    return short_packet(Schedule::create(Bytes(16, std::byte(key)), Owner::kPeer).value().at(1), size);
  }
  // dropped waits until so many were dropped for this reason.
  bool dropped(DropReason reason, std::uint64_t count) {
    return until(context, [&] { return relay->snapshot().forwarded.drops(reason) >= count; });
  }

  std::unique_ptr<LoopbackClient> holder, sender;
};

TEST_F(ReferenceDefects, ADatagramOfSevenBytesKillsNothing) {
  for (const int first : {0x40, 0x7f, 0xc0, 0xff}) {
    for (std::size_t size = 1; size <= 7; ++size) sender->send_datagram(address(), Bytes(size, std::byte(first)));
  }
  EXPECT_TRUE(dropped(DropReason::kTooShort, 28));
}

TEST_F(ReferenceDefects, AnInitialWithoutASourceIdKillsNothing) {
  const std::uint64_t before = relay->snapshot().forwarded.http3;
  for (const std::size_t size : {40u, 1199u, 1200u, 1452u})
    sender->send_datagram(address(), long_packet(cid(0x11, 8), ConnectionId(), size));
  EXPECT_TRUE(until(context, [&] { return relay->snapshot().forwarded.http3 >= before + 4; }));
}

TEST_F(ReferenceDefects, AFailedSendToOnePeerStopsNobodyElse) {
  {
    LoopbackClient gone(context, address());
    ASSERT_EQ(gone.register_bearer(2), 200);
  }
  constexpr std::size_t kCount = 50;
  for (std::size_t i = 0; i < kCount; ++i) {
    sender->send_datagram(address(), to_holder(100, 2));
    sender->send_datagram(address(), to_holder(100));
  }
  EXPECT_TRUE(until(context, [&] { return holder->strange().size() == kCount; }));
}

TEST_F(ReferenceDefects, DatagramsOver1452BytesAreNotCut) {
  for (const std::size_t size : {1452u, 1453u, 1472u, 9'216u}) {
    const std::size_t before = holder->strange().size();
    sender->send_datagram(address(), to_holder(size));
    ASSERT_TRUE(until(context, [&] { return holder->strange().size() > before; })) << size;
    EXPECT_EQ(holder->strange().back(), to_holder(size));
  }
  // What is longer than any network carries is dropped whole.
  sender->send_datagram(address(), to_holder(9'217));
  EXPECT_TRUE(until(context, [&] { return relay->snapshot().udp.received_too_large == 1; }));
}

TEST_F(ReferenceDefects, EcnMarksAreKept) {
  for (const quic::Ecn ecn : {quic::Ecn::kEct0, quic::Ecn::kEct1, quic::Ecn::kCe, quic::Ecn::kNotEct}) {
    const std::size_t before = holder->strange().size();
    const Bytes datagram = to_holder(100);
    sender->send_run(address(), datagram, datagram.size(), ecn);
    ASSERT_TRUE(until(context, [&] { return holder->strange().size() > before; }));
    EXPECT_EQ(holder->marks().back(), ecn);
  }
}

TEST_F(ReferenceDefects, AHugeNumberOfIdsIsCutInNoTime) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(sender->register_bearer(3, "1e7"), 200);
  EXPECT_EQ(sender->register_bearer(4, "4294967295"), 200);
  for (const char* num : {"1e12", "1000000000000", "1e300", "-1", "1.5", "null", "[]"})
    EXPECT_EQ(sender->register_bearer(5, num), 400) << num;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_EQ(relay->snapshot().connection_ids, 3 * options.limits.bearer_window);
}

TEST_F(ReferenceDefects, TheSameKeyFromElsewhereDoesNotTakeTheRoute) {
  EXPECT_EQ(sender->register_bearer(1), 409);
  EXPECT_EQ(holder->register_bearer(1), 200);
}

class ReferenceDefectsOfLimits : public ReferenceDefects {
 protected:
  void SetUp() override {
    options.limits.quiet_lease = 1s;
    options.limits.registrations_per_address = 3;
    ReferenceDefects::SetUp();
  }
  void TearDown() override {}  // the holder's lease may have ended
};

TEST_F(ReferenceDefectsOfLimits, RegistrationsAreCountedAndEnd) {
  EXPECT_EQ(sender->register_bearer(2), 200);
  EXPECT_EQ(sender->register_bearer(3), 200);
  EXPECT_EQ(sender->register_bearer(4), 429);
  EXPECT_TRUE(until(context, [&] { return relay->snapshot().registrations == 0; }));
  EXPECT_EQ(sender->register_bearer(4), 200);
}

}  // namespace
}  // namespace quicket::relay
