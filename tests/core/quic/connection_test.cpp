#include "core/quic/connection.hpp"

#include "tests/core/quic/ed25519_pem.hpp"
#include "tests/core/quic/pair.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <utility>
#include <vector>

namespace quicket::quic {
namespace {

using namespace test;

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(i * 31 + i / 251);
  return bytes;
}

// transfer sends `data` on a new stream from one side to the other and gives back what arrived until the end.
Bytes transfer(Pair& pair, bool from_client, const Bytes& data, Direction direction = Direction::kBidirectional) {
  const auto sender = [&]() -> Connection& { return from_client ? *pair.client : *pair.server; };
  const auto receiver = [&]() -> Connection& { return from_client ? *pair.server : *pair.client; };
  const StreamId id = sender().open_stream(direction).value();
  std::size_t written = 0;
  Bytes arrived;
  bool fin = false, fin_written = false;
  const bool done = pair.run_until(
      [&] {
        if (!fin_written) {
          written += sender().write(id, ByteView(data).subspan(written), true).value();
          fin_written = written == data.size();
        }
        Bytes buffer(64 * 1024);
        for (;;) {
          const auto got = receiver().read(id, buffer);
          if (!got) break;
          arrived.insert(arrived.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size));
          fin = fin || got->fin;
          if (got->size == 0) break;
        }
        return fin;
      },
      60s);
  EXPECT_TRUE(done);
  return arrived;
}

TEST(QuicConnection, IsConfirmedOnBothSidesAfterTwoRoundTrips) {
  Pair pair;
  const TimePoint start = pair.now;
  ASSERT_TRUE(pair.connect());
  EXPECT_LE(pair.now - start, 4 * Pair::kOneWay + 5ms);
  EXPECT_EQ(pair.client->alpn(), "quicket/1");
  EXPECT_EQ(pair.server->alpn(), "quicket/1");
}

TEST(QuicConnection, BothSidesLearnTheOthersKey) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.client->peer_key() && pair.server->peer_key());
  EXPECT_NE(pair.client->peer_key(), pair.server->peer_key());
}

TEST(QuicConnection, ExportsTheSameSecretOnBothSides) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const auto secret = pair.client->exporter("EXPORTER-test", 32).value();
  EXPECT_EQ(secret.size(), 32u);
  EXPECT_EQ(secret, pair.server->exporter("EXPORTER-test", 32).value());
  EXPECT_NE(secret, pair.server->exporter("EXPORTER-other", 32).value());
}

TEST(QuicConnection, LivesOnWithoutItsTlsSession) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  for (const auto* connection : {pair.client.get(), pair.server.get()}) {
    EXPECT_EQ(connection->alpn(), "quicket/1");
    EXPECT_TRUE(connection->peer_key());
  }

  const Bytes data = pattern(1'000'000);
  EXPECT_EQ(transfer(pair, true, data), data);
  pair.run_for(10s);
  ASSERT_TRUE(pair.client->initiate_key_update(pair.now));
  EXPECT_EQ(transfer(pair, false, data), data);
  ASSERT_TRUE(pair.client->migrate_now(label_path(2), pair.now));
  EXPECT_EQ(transfer(pair, true, data), data);
}

TEST(QuicConnection, ClientRefusesAServersKeyWithItsOwnError) {
  Pair pair(policy_of(Role::kClient, 1, [](const PeerCertificate&) -> Result<void> { return Errc::kPeerKeyMismatch; }),
            policy_of(Role::kServer, 2, anyone()));
  ASSERT_TRUE(pair.run_until([&] { return pair.client->is_closed() && pair.server && pair.server->is_closed(); }));
  EXPECT_EQ(pair.client->close_reason()->error, Errc::kPeerKeyMismatch);
  EXPECT_EQ(pair.server->close_reason()->error, Errc::kRefusedByPeer);
  EXPECT_EQ(pair.server->close_reason()->code, 0x12au);  // TLS alert bad_certificate
  EXPECT_FALSE(pair.client->is_handshake_completed());
}

TEST(QuicConnection, ServerRefusesAClientsKeyBeforeTheClientIsConfirmed) {
  Pair pair(policy_of(Role::kClient, 1, anyone()),
            policy_of(Role::kServer, 2, [](const PeerCertificate&) -> Result<void> { return Errc::kPeerUnknown; }));
  ASSERT_TRUE(pair.run_until([&] { return pair.client->is_closed() && pair.server && pair.server->is_closed(); }));
  EXPECT_EQ(pair.server->close_reason()->error, Errc::kPeerUnknown);
  EXPECT_EQ(pair.client->close_reason()->error, Errc::kRefusedByPeer);
  EXPECT_FALSE(pair.client->is_handshake_confirmed());
}

TEST(QuicConnection, CarriesMegabytesIntactEachWayOnBothKindsOfStream) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const Bytes data = pattern(5'000'000);
  EXPECT_EQ(transfer(pair, true, data), data);
  EXPECT_EQ(transfer(pair, false, data), data);
  EXPECT_EQ(transfer(pair, true, data, Direction::kUnidirectional), data);
  EXPECT_EQ(transfer(pair, false, data, Direction::kUnidirectional), data);
}

TEST(QuicConnection, CarriesBytesIntactThroughLoss) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.drop = [](std::size_t number) { return number % 13 == 5; };
  const Bytes data = pattern(500'000);
  EXPECT_EQ(transfer(pair, true, data), data);
}

TEST(QuicConnection, SurvivesTheLossOfAnySingleDatagramOfTheHandshake) {
  for (std::size_t lost = 0; lost < 8; ++lost) {
    Pair pair;
    pair.drop = [&](std::size_t number) { return number == lost; };
    EXPECT_TRUE(pair.connect()) << "datagram " << lost;
  }
}

TEST(QuicConnection, KeepsStreamsInOrderOfServiceFair) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  std::vector<StreamId> ids;
  const Bytes data = pattern(200'000);
  for (int i = 0; i < 10; ++i) {
    ids.push_back(pair.client->open_stream(Direction::kBidirectional).value());
    ASSERT_EQ(pair.client->write(ids.back(), data).value(), data.size());
  }
  pair.run_for(150ms);  // not enough for all
  std::vector<std::size_t> arrived;
  for (const StreamId id : ids) arrived.push_back(pair.server->readable(id));
  const auto [least, most] = std::ranges::minmax(arrived);
  EXPECT_GT(least, 0u);
  EXPECT_LE(most - least, 20'000u);
}

TEST(QuicConnection, HalfClosesAndThenForgetsTheStream) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const StreamId id = pair.client->open_stream(Direction::kBidirectional).value();
  ASSERT_TRUE(pair.client->write(id, as_bytes("question"), true).has_value());
  Bytes buffer(100);
  ASSERT_TRUE(pair.run_until([&] { return pair.server->readable(id) == 8; }));
  EXPECT_TRUE(pair.server->read(id, buffer)->fin);
  ASSERT_TRUE(pair.server->write(id, as_bytes("answer"), true).has_value());
  ASSERT_TRUE(pair.run_until([&] { return pair.client->readable(id) == 6; }));
  EXPECT_TRUE(pair.client->read(id, buffer)->fin);
  pair.run_for(1s);
  EXPECT_EQ(pair.events_of<StreamClosed>(true).size(), 1u);
  EXPECT_EQ(pair.events_of<StreamClosed>(false).size(), 1u);
  EXPECT_EQ(pair.client->write(id, as_bytes("x")).error(), Errc::kStreamUnknown);
}

TEST(QuicConnection, TakesNoMoreThanTheSendBufferAndSaysWhenThereIsRoomAgain) {
  Policy policy = policy_of(Role::kClient, 1, anyone());
  policy.send_buffer = 100'000;
  Pair pair(policy, policy_of(Role::kServer, 2, anyone()));
  ASSERT_TRUE(pair.connect());
  const StreamId id = pair.client->open_stream(Direction::kUnidirectional).value();
  EXPECT_EQ(pair.client->write(id, pattern(150'000)).value(), 100'000u);
  EXPECT_EQ(pair.client->write(id, pattern(1)).value(), 0u);
  EXPECT_TRUE(pair.run_until([&] { return !pair.events_of<StreamWritable>(true).empty(); }));
  EXPECT_GT(pair.client->writable(id), 0u);
}

TEST(QuicConnection, SharesItsSendBuffersAmongStreamsAndDeliversAllTheSame) {
  constexpr std::size_t kStreams = 20, kEach = 150'000, kLeast = 64 * 1024;
  Policy policy = policy_of(Role::kClient, 1, anyone());
  policy.send_buffer = 100'000;
  policy.send_buffers = 400'000;
  Pair pair(policy, policy_of(Role::kServer, 2, anyone()));
  ASSERT_TRUE(pair.connect());
  const Bytes data = pattern(kEach);
  std::vector<std::pair<StreamId, std::size_t>> written;
  for (std::size_t i = 0; i < kStreams; ++i) {
    const StreamId id = pair.client->open_stream(Direction::kUnidirectional).value();
    written.emplace_back(id, pair.client->write(id, data, true).value());
  }
  EXPECT_EQ(written.front().second, 100'000u);
  EXPECT_EQ(written.back().second, kLeast);
  Bytes buffer(kEach);
  std::size_t ended = 0;
  std::map<StreamId, Bytes> received;
  EXPECT_TRUE(pair.run_until([&] {
    for (auto& [id, count] : written) {
      if (count < kEach) count += pair.client->write(id, ByteView(data).subspan(count), true).value();
      const auto got = pair.server->read(id, buffer);
      if (!got) continue;
      received[id].insert(received[id].end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size));
      if (got->fin) ++ended;
    }
    return ended == kStreams;
  }));
  for (const auto& [id, count] : written) EXPECT_EQ(received[id], data);
}

TEST(QuicConnection, StopsAtTheReceiversWindowUntilItReads) {
  Policy policy = policy_of(Role::kServer, 2, anyone());
  policy.stream_window = 50'000;
  Pair pair(policy_of(Role::kClient, 1, anyone()), policy);
  ASSERT_TRUE(pair.connect());
  const StreamId id = pair.client->open_stream(Direction::kBidirectional).value();
  ASSERT_TRUE(pair.client->write(id, pattern(120'000)).has_value());
  pair.run_for(5s);
  EXPECT_EQ(pair.server->readable(id), 50'000u);
  Bytes buffer(50'000);
  EXPECT_EQ(pair.server->read(id, buffer)->size, 50'000u);
  pair.run_for(5s);
  EXPECT_EQ(pair.server->readable(id), 50'000u);
}

TEST(QuicConnection, ResetReachesTheReaderAndStopSendingTheWriter) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const StreamId first = pair.client->open_stream(Direction::kBidirectional).value();
  const StreamId second = pair.client->open_stream(Direction::kBidirectional).value();
  for (const StreamId id : {first, second}) ASSERT_TRUE(pair.client->write(id, pattern(1000)).has_value());
  ASSERT_TRUE(pair.run_until([&] { return pair.server->readable(second) == 1000; }));
  pair.client->reset(first, 42);
  pair.server->stop_sending(second, 43);
  pair.run_for(1s);
  ASSERT_EQ(pair.events_of<StreamReset>(false).size(), 1u);
  EXPECT_EQ(pair.events_of<StreamReset>(false)[0].code, 42u);
  Bytes buffer(10);
  EXPECT_EQ(pair.server->read(first, buffer).error(), Errc::kStreamReset);
  ASSERT_TRUE(pair.client->write(second, pattern(10)).has_value());  // not known here until the next write goes out
  pair.run_for(1s);
  EXPECT_EQ(pair.events_of<StreamStopped>(true).size(), 1u);
  EXPECT_EQ(pair.client->write(second, pattern(10)).error(), Errc::kStreamStopped);
}

TEST(QuicConnection, CarriesDatagramsBothWays) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.client->send_datagram(as_bytes("ping")).has_value());
  ASSERT_TRUE(pair.server->send_datagram(as_bytes("pong")).has_value());
  pair.run_for(100ms);
  EXPECT_EQ(pair.server->receive_datagram(), to_bytes(as_bytes("ping")));
  EXPECT_EQ(pair.client->receive_datagram(), to_bytes(as_bytes("pong")));
  EXPECT_EQ(pair.client->receive_datagram(), std::nullopt);
}

TEST(QuicConnection, RefusesDatagramsThatCannotFit) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const std::size_t largest = pair.client->max_datagram();
  EXPECT_GE(largest, 1150u);
  EXPECT_EQ(pair.client->send_datagram(Bytes(largest + 1)).error(), Errc::kTooLarge);
  ASSERT_TRUE(pair.client->send_datagram(Bytes(largest)).has_value());
  pair.run_for(100ms);
  EXPECT_EQ(pair.server->receive_datagram()->size(), largest);
}

TEST(QuicConnection, RefusesDatagramsToAPeerThatTakesNone) {
  Policy policy = policy_of(Role::kServer, 2, anyone());
  policy.max_datagram_frame = 0;
  Pair pair(policy_of(Role::kClient, 1, anyone()), policy);
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client->send_datagram(Bytes(1)).error(), Errc::kUnsupported);
}

TEST(QuicConnection, ClosesWithCodeAndReason) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.client->close(7, "done", true, pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.server->is_closed(); }));
  const CloseReason& reason = *pair.server->close_reason();
  EXPECT_EQ(reason.kind, CloseReason::Kind::kApplication);
  EXPECT_EQ(reason.code, 7u);
  EXPECT_EQ(reason.text, "done");
  EXPECT_EQ(reason.error, Errc::kClosedByPeer);
  pair.run_for(2s);
  EXPECT_TRUE(pair.client->is_finished(pair.now) && pair.server->is_finished(pair.now));
}

TEST(QuicConnection, HasNoDeadlineOnceItsClosingPeriodIsOver) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.client->close(7, "done", true, pair.now);
  EXPECT_TRUE(pair.client->deadline().has_value());
  pair.run_for(2s);
  EXPECT_TRUE(pair.client->is_finished(pair.now));
  EXPECT_EQ(pair.client->deadline(), std::nullopt);
  EXPECT_EQ(pair.server->deadline(), std::nullopt);
}

TEST(QuicConnection, RepeatsItsCloseWhenTheFirstIsLost) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.run_for(1s);
  const std::size_t close = pair.sent;
  pair.drop = [&](std::size_t number) { return number == close; };
  pair.client->close(7, "done", true, pair.now);
  pair.run_for(0s);
  const StreamId id = pair.server->open_stream(Direction::kBidirectional).value();
  ASSERT_TRUE(pair.server->write(id, as_bytes("still there?")).has_value());
  EXPECT_TRUE(pair.run_until([&] { return pair.server->is_closed(); }, 1s));
}

TEST(QuicConnection, EndsWhenTheOtherSideIsSilentForTheIdleTimeout) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.drop = [](std::size_t) { return true; };
  const TimePoint start = pair.now;
  ASSERT_TRUE(pair.run_until([&] { return pair.client->is_closed(); }, 2min));
  EXPECT_EQ(pair.client->close_reason()->error, Errc::kIdleTimeout);
  EXPECT_NEAR(static_cast<double>((pair.now - start).count()), 30e9, 2e9);
}

TEST(QuicConnection, KeepAliveHoldsAnIdleConnection) {
  Policy policy = policy_of(Role::kClient, 1, anyone());
  policy.keep_alive = 10s;
  Pair pair(policy, policy_of(Role::kServer, 2, anyone()));
  ASSERT_TRUE(pair.connect());
  pair.run_for(10min);
  EXPECT_FALSE(pair.client->is_closed() || pair.server->is_closed());
}

TEST(QuicConnection, UpdatesItsKeys) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  for (int i = 0; i < 5; ++i) {
    pair.run_for(10s);
    Connection& updater = i % 2 ? *pair.server : *pair.client;
    ASSERT_TRUE(updater.initiate_key_update(pair.now).has_value()) << i;
    const Bytes data = pattern(100'000);
    EXPECT_EQ(transfer(pair, true, data), data);
    EXPECT_EQ(transfer(pair, false, data), data);
  }
}

TEST(QuicConnection, MigratesAndTheServerFollows) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.run_for(1s);
  ASSERT_TRUE(pair.client->migrate_now(label_path(2), pair.now).has_value());
  const Bytes data = pattern(1'000'000);
  EXPECT_EQ(transfer(pair, true, data), data);
  EXPECT_EQ(pair.client->path(), label_path(2));
  EXPECT_EQ(pair.server->path(), label_path(2));
  pair.run_for(10s);  // the old ID is kept for late packets
  EXPECT_FALSE(pair.events_of<ConnectionIdRetired>(true).empty() || pair.events_of<ConnectionIdRetired>(false).empty());
  EXPECT_EQ(pair.server->migrate_now(label_path(3), pair.now).error(), Errc::kUnsupported);
}

TEST(QuicConnection, IssuesItsIdsFromTheScheduleOnly) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.run_for(1s);
  auto schedule = Schedule::create(seed_of(1), Owner::kPeer).value();
  for (const auto& issued : pair.events_of<ConnectionIdIssued>(true)) EXPECT_EQ(issued.id, schedule.next());
  EXPECT_EQ(schedule.issued(), 8u);
  EXPECT_EQ(pair.client->oldest_counter(), 1u);
}

TEST(QuicConnection, WritesQlogAndKeysWhenAsked) {
  Policy policy = policy_of(Role::kClient, 1, anyone());
  std::string qlog, keys;
  policy.qlog = [&](ByteView text) { qlog += as_text(text); };
  policy.key_log = [&](std::string_view line) { keys += line; };
  {
    Pair pair(policy, policy_of(Role::kServer, 2, anyone()));
    ASSERT_TRUE(pair.connect());
  }
  EXPECT_NE(qlog.find("qlog_version"), std::string::npos);
  EXPECT_NE(keys.find("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), std::string::npos);
}

TEST(QuicConnection, RefusesToStartFromAnythingButAnInitial) {
  for (const std::size_t size : {0u, 1u, 7u, 40u, 1200u}) {
    const auto refused =
        Connection::accept(policy_of(Role::kServer, 2, anyone()), label_path(1), pattern(size), TimePoint(1h));
    EXPECT_EQ(refused.error(), Errc::kProtocolViolation) << size;
  }
}

TEST(QuicConnection, IgnoresJunkAtAnyTime) {
  Pair pair;
  const auto junk = [&](Connection& connection) {
    for (std::size_t size = 0; size < 60; size += 7)
      connection.receive(label_path(1), Ecn::kNotEct, pattern(size), pair.now);
  };
  junk(*pair.client);
  ASSERT_TRUE(pair.connect());
  junk(*pair.client);
  junk(*pair.server);
  const Bytes data = pattern(10'000);
  EXPECT_EQ(transfer(pair, true, data), data);
}

TEST(Credentials, FromOneSeedAreAlwaysTheSameCertificate) {
  EXPECT_EQ(credentials_of(5)->spki_sha256(), credentials_of(5)->spki_sha256());
  EXPECT_NE(credentials_of(5)->spki_sha256(), credentials_of(6)->spki_sha256());
  EXPECT_TRUE(Credentials::from_ed25519(Bytes(31)).has_error());
}

TEST(Credentials, ReadWhatMakeSelfSignedWrote) {
  const PemPair pem = make_self_signed({"localhost", "127.0.0.1", "::1"}).value();
  const auto credentials = Credentials::from_pem(as_bytes(pem.certificate), as_bytes(pem.key));
  ASSERT_TRUE(credentials.has_value());
  EXPECT_TRUE(Credentials::from_pem(as_bytes("junk"), as_bytes(pem.key)).has_error());
  EXPECT_TRUE(Credentials::from_pem(as_bytes(pem.certificate), as_bytes(make_self_signed({}).value().key)).has_error());
}

TEST(Credentials, RefuseAnEd25519KeyOfAnotherCertificate) {
  const ByteView certificate = as_bytes(kEd25519Certificate);
  EXPECT_TRUE(Credentials::from_pem(certificate, as_bytes(kEd25519Key)).has_value());
  EXPECT_EQ(Credentials::from_pem(certificate, as_bytes(kOtherEd25519Key)).error(),
            boost::system::errc::invalid_argument);
}

}  // namespace
}  // namespace quicket::quic
