#include "relay/server/relay.hpp"

#include "core/cid/schedule.hpp"
#include "tests/relay/server/loopback.hpp"

namespace quicket::relay {
namespace {

using namespace test;

TEST_F(RelayTest, AnswersHttp3) {
  serve(options);
  LoopbackClient client(context, address());
  const auto response = client.exchange({.path = "/v1/info"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(relay->snapshot().service.responses.at(200), 1u);
}

TEST_F(RelayTest, AnswersHttp3OverIpv6) {
  options.listen = {LoopbackClient::v6_loopback()};
  auto made = Relay::create(context.get_executor(), options);
  if (!made) GTEST_SKIP() << "no IPv6 here: " << made.error().message();
  relay = std::move(*made);
  ASSERT_TRUE(relay->start());
  LoopbackClient client(context, address());
  const auto response = client.exchange({.path = "/v1/info"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(RelayTest, ShowsThePinOfItsUrl) {
  serve(options);
  LoopbackClient client(context, address());
  ASSERT_TRUE(client.exchange({.path = "/v1/info"}));
  const RelayUrl url = relay->url("relay.test");
  EXPECT_EQ(url.port, address().port());
  ASSERT_EQ(url.pins.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(url.pins.front(), std::span(client.seen_pin()).first(16)));
}

TEST_F(RelayTest, CountsARegistration) {
  serve(options);
  LoopbackClient client(context, address());
  EXPECT_EQ(client.register_bearer(1), 200);
  const RelaySnapshot snapshot = relay->snapshot();
  EXPECT_EQ(snapshot.registrations, 1u);
  EXPECT_EQ(snapshot.connection_ids, options.limits.bearer_window);
  EXPECT_EQ(snapshot.table.granted, 1u);
  EXPECT_EQ(snapshot.http3_connections, 1u);
}

TEST_F(RelayTest, ForwardsUnchangedToTheHolderOfTheConnectionId) {
  serve(options);
  LoopbackClient holder(context, address()), sender(context, address());
  ASSERT_EQ(holder.register_bearer(1), 200);

  const auto id = Schedule::create(Bytes(16, std::byte{1}), Owner::kPeer).value().at(3);
  Bytes packet(60, std::byte{0x77});
  packet[0] = std::byte{0x40};
  std::ranges::copy(id.bytes(), packet.begin() + 1);
  sender.send_datagram(address(), packet);

  ASSERT_TRUE(until(context, [&] { return !holder.strange().empty(); }));
  EXPECT_EQ(holder.strange().front(), packet);
  EXPECT_EQ(relay->snapshot().forwarded.forwarded, 1u);
  EXPECT_EQ(relay->snapshot().forwarded.forwarded_bytes, packet.size());
}

TEST_F(RelayTest, ForwardsARunAsOneMessageButItsStrangersDatagram) {
  serve(options);
  LoopbackClient holder(context, address()), sender(context, address());
  ASSERT_EQ(holder.register_bearer(1), 200);
  const auto id = Schedule::create(Bytes(16, std::byte{1}), Owner::kPeer).value().at(1);
  constexpr std::size_t kCount = 20, kSize = 1'000, kStranger = 12;
  Bytes run(kCount * kSize);
  for (std::size_t i = 0; i < kCount; ++i) {
    run[i * kSize] = std::byte{0x40};
    if (i != kStranger) std::ranges::copy(id.bytes(), run.begin() + static_cast<std::ptrdiff_t>(i * kSize + 1));
    run[i * kSize + 20] = static_cast<std::byte>(i);
  }
  const UdpCounters before = relay->snapshot().udp;
  sender.send_run(address(), run, kSize);
  ASSERT_TRUE(until(context, [&] { return holder.strange().size() == kCount - 1; }));
  for (std::size_t i = 0; i < kCount - 1; ++i)
    EXPECT_EQ(holder.strange()[i][20], static_cast<std::byte>(i < kStranger ? i : i + 1));
  const UdpCounters after = relay->snapshot().udp;
  // One message in, and two out: before the stranger's and behind it. A few of the clients' own HTTP/3 may be among
  // them.
  EXPECT_LE(after.received_messages - before.received_messages, 4u);
  EXPECT_LE(after.sent_messages - before.sent_messages, 5u);
  EXPECT_EQ(relay->snapshot().forwarded.drops(DropReason::kUnknownShort), 1u);
}

TEST_F(RelayTest, ForwardsTheSameWithoutOffload) {
  options.udp.join_received = options.udp.join_sent = false;
  serve(options);
  LoopbackClient holder(context, address()), sender(context, address());
  ASSERT_EQ(holder.register_bearer(1), 200);
  const auto id = Schedule::create(Bytes(16, std::byte{1}), Owner::kPeer).value().at(1);
  Bytes packet(1'000, std::byte{0x77});
  packet[0] = std::byte{0x40};
  std::ranges::copy(id.bytes(), packet.begin() + 1);
  Bytes run;
  for (int i = 0; i < 20; ++i) run.insert(run.end(), packet.begin(), packet.end());
  const UdpCounters before = relay->snapshot().udp;
  sender.send_run(address(), run, packet.size());
  ASSERT_TRUE(until(context, [&] { return holder.strange().size() == 20; }));
  EXPECT_EQ(holder.strange(), std::vector<Bytes>(20, packet));
  const UdpCounters after = relay->snapshot().udp;
  EXPECT_GE(after.received_messages - before.received_messages, 20u);
  EXPECT_GE(after.sent_messages - before.sent_messages, 20u);
}

TEST_F(RelayTest, EndsARegistrationThatWentQuiet) {
  options.limits.quiet_lease = 1s;
  serve(options);
  {
    LoopbackClient client(context, address());
    ASSERT_EQ(client.register_bearer(1), 200);
  }
  EXPECT_TRUE(until(context, [&] { return relay->snapshot().registrations == 0; }));
  EXPECT_EQ(relay->snapshot().table.expired, 1u);
}

TEST_F(RelayTest, IsDrainedAtOnceWhenNobodyIsThere) {
  serve(options);
  bool drained = false;
  relay->drain([&] { drained = true; });
  EXPECT_TRUE(until(context, [&] { return drained; }));
}

TEST_F(RelayTest, IsNotReadyWhileItDrainsAndGoesOnForwarding) {
  serve(options);
  LoopbackClient holder(context, address()), sender(context, address());
  ASSERT_EQ(holder.register_bearer(1), 200);
  EXPECT_TRUE(relay->is_ready());
  bool drained = false;
  relay->drain([&] { drained = true; });
  EXPECT_FALSE(relay->is_ready());
  EXPECT_TRUE(relay->snapshot().draining);

  const auto id = Schedule::create(Bytes(16, std::byte{1}), Owner::kPeer).value().at(1);
  Bytes packet(60, std::byte{0});
  packet[0] = std::byte{0x40};
  std::ranges::copy(id.bytes(), packet.begin() + 1);
  sender.send_datagram(address(), packet);
  EXPECT_TRUE(until(context, [&] { return !holder.strange().empty(); }));
  EXPECT_FALSE(drained);
}

TEST_F(RelayTest, IsDrainedWhenTheLastLeaseHasEnded) {
  options.limits.quiet_lease = 1s;
  serve(options);
  LoopbackClient client(context, address());
  ASSERT_EQ(client.register_bearer(1), 200);
  bool drained = false;
  relay->drain([&] { drained = true; });
  EXPECT_TRUE(until(context, [&] { return drained; }));
  EXPECT_EQ(relay->snapshot().registrations, 0u);
}

TEST_F(RelayTest, ShowsAnotherCertificateFromNowOnAndKeepsItsClients) {
  serve(options);
  LoopbackClient before(context, address());
  ASSERT_EQ(before.register_bearer(1), 200);
  RelayOptions other = options_on(options.listen);
  ASSERT_TRUE(relay->reconfigure(other));

  LoopbackClient after(context, address());
  ASSERT_TRUE(after.exchange({.path = "/v1/info"}));
  EXPECT_EQ(after.seen_pin(), other.credentials->spki_sha256());
  EXPECT_TRUE(std::ranges::equal(relay->url("relay.test").pins.front(), std::span(after.seen_pin()).first(16)));
  ASSERT_TRUE(before.exchange({.path = "/v1/info"}));
  EXPECT_EQ(relay->snapshot().registrations, 1u);
}

TEST_F(RelayTest, AsksForOtherTokensFromNowOn) {
  serve(options);
  LoopbackClient client(context, address());
  ASSERT_EQ(client.register_bearer(1), 200);
  options.service.tokens = {"a secret of this relay's operator"};
  ASSERT_TRUE(relay->reconfigure(options));
  EXPECT_EQ(client.register_bearer(2), 401);
}

TEST_F(RelayTest, StaysAsItIsWhenItCannotBeReconfigured) {
  serve(options);
  RelayOptions none = options;
  none.credentials = nullptr;
  none.service.tokens = {"a secret of this relay's operator"};
  EXPECT_FALSE(relay->reconfigure(none));
  LoopbackClient client(context, address());
  EXPECT_EQ(client.register_bearer(1), 200);
}

TEST_F(RelayTest, GivesItsPortFreeWhenItStops) {
  serve(options);
  options.listen = {address()};
  relay->stop();
  EXPECT_FALSE(relay->is_serving());
  EXPECT_TRUE(Relay::create(context.get_executor(), options));
}

TEST_F(RelayTest, ResetsConnectionsOfTheTimeBeforeItsRestart) {
  serve(options);
  LoopbackClient client(context, address());
  ASSERT_TRUE(client.exchange({.path = "/v1/info"}));
  options.listen = {address()};
  relay.reset();
  serve(options);
  EXPECT_FALSE(client.exchange({.path = "/v1/info"}));
  ASSERT_TRUE(until(context, [&] { return client.closed().has_value(); }));
  EXPECT_EQ(client.closed()->kind, quic::CloseReason::Kind::kReset);
}

TEST_F(RelayTest, SharesItsExecutorWithAnotherRelay) {
  serve(options);
  auto other = Relay::create(context.get_executor(), options_on({Address::loopback(0)})).value();
  ASSERT_TRUE(other->start());
  LoopbackClient one(context, address()), two(context, other->local_addresses().front());
  EXPECT_TRUE(one.exchange({.path = "/v1/info"}));
  EXPECT_TRUE(two.exchange({.path = "/v1/info"}));
}

TEST_F(RelayTest, RefusesToStartWithoutCredentials) {
  options.credentials = nullptr;
  const auto made = Relay::create(context.get_executor(), options);
  ASSERT_TRUE(made.has_error());
  EXPECT_EQ(made.error().code, boost::system::errc::invalid_argument);
}

TEST_F(RelayTest, RefusesAResetSecretOfTheWrongSize) {
  options.reset_secret = Bytes(31);
  EXPECT_TRUE(Relay::create(context.get_executor(), options).has_error());
}

}  // namespace
}  // namespace quicket::relay
