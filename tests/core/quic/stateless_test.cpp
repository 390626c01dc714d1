#include "core/quic/stateless.hpp"

#include "core/cid/header.hpp"
#include "tests/core/quic/pair.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace quicket::quic {
namespace {

using namespace test;

constexpr TimePoint kNow{1h};
const Address kRemote = Address::parse("192.0.2.7:4433").value();

// first_datagram is what a client of ours begins with.
Bytes first_datagram(Connection& client) {
  Bytes buffer(1200);
  const auto written = client.transmit(buffer, 1, kNow);
  EXPECT_TRUE(written && written->size == 1200);
  return buffer;
}

std::unique_ptr<Connection> client() {
  return Connection::connect(policy_of(Role::kClient, 1, anyone()), label_path(1), kNow).value();
}

// with_version gives a first datagram another version.
Bytes with_version(Bytes datagram, std::uint32_t version) {
  for (std::size_t i = 0; i < 4; ++i) datagram[1 + i] = std::byte(version >> (24 - 8 * i));
  return datagram;
}

TEST(VersionNegotiation, OffersVersionOneAndSwapsTheIds) {
  const auto connection = client();
  const Bytes first = first_datagram(*connection);
  const auto asked = parse_header(first, 12);
  const auto answer = version_negotiation(with_version(first, 0x1a2a3a4a));
  ASSERT_TRUE(answer);
  const auto header = parse_header(*answer, 12);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->version, 0u);
  EXPECT_EQ(header->destination, asked->source);
  EXPECT_EQ(header->source, asked->destination);
  EXPECT_EQ(ByteView(*answer).last(4)[3], std::byte{1});
}

TEST(VersionNegotiation, AnswersVersionTwoWhichWeDoNotSpeak) {
  const auto connection = client();
  EXPECT_TRUE(version_negotiation(with_version(first_datagram(*connection), 0x6b3343cf)));
}

TEST(VersionNegotiation, IsNotDueForVersionOneNorForItselfNorForSmallDatagrams) {
  const auto connection = client();
  const Bytes first = first_datagram(*connection);
  EXPECT_FALSE(version_negotiation(first));
  EXPECT_FALSE(version_negotiation(with_version(first, 0)));
  EXPECT_FALSE(version_negotiation(ByteView(with_version(first, 0x1a2a3a4a)).first(1199)));
  EXPECT_FALSE(version_negotiation({}));
}

TEST(VersionNegotiation, FitsTheLargestIdsOfOtherVersions) {
  Bytes datagram(1200);
  datagram[0] = std::byte{0xc0};
  datagram[1] = std::byte{0xff};
  datagram[5] = datagram[6 + 255] = std::byte{255};
  const auto answer = version_negotiation(datagram);
  ASSERT_TRUE(answer);
  EXPECT_LT(answer->size(), 600u);
}

TEST(StatelessReset, IsSmallerThanWhatItAnswers) {
  const ConnectionId id = *ConnectionId::from(Bytes(12, std::byte{0x90}));
  for (std::size_t size = 22; size < 60; ++size) {
    const auto answer = stateless_reset(Bytes(size), id, seed_of(9));
    ASSERT_TRUE(answer) << size;
    EXPECT_LT(answer->size(), size);
    EXPECT_EQ((*answer)[0] & std::byte{0xc0}, std::byte{0x40});
  }
  EXPECT_FALSE(stateless_reset(Bytes(21), id, seed_of(9)));
  EXPECT_FALSE(stateless_reset({}, id, seed_of(9)));
}

TEST(StatelessReset, EndsAConnectionWhoseServerForgotIt) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const ConnectionId id = pair.server->schedule().at(1);
  const auto answer = stateless_reset(Bytes(100), id, seed_of(99));
  ASSERT_TRUE(answer);
  pair.client->receive(pair.client->path(), Ecn::kNotEct, *answer, pair.now);
  ASSERT_TRUE(pair.client->close_reason());
  EXPECT_EQ(pair.client->close_reason()->kind, CloseReason::Kind::kReset);
}

TEST(FirstPacket, NamesTheIdsOfAnInitialAndRefusesAllElse) {
  const auto connection = client();
  Bytes first = first_datagram(*connection);
  const auto packet = read_first_packet(first);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->destination, connection->original_destination_id());
  EXPECT_EQ(packet->source, connection->schedule().at(1));
  EXPECT_TRUE(packet->token.empty());

  EXPECT_FALSE(read_first_packet(ByteView(first).first(1199)));
  EXPECT_FALSE(read_first_packet(with_version(first, 2)));
  first[0] |= std::byte{0x20};  // Handshake
  EXPECT_FALSE(read_first_packet(first));
}

class RetryToken : public testing::Test {
 protected:
  // Starts a client and answers it with Retry: `again` is its second first packet.
  void SetUp() override {
    first = first_datagram(*connection);
    const auto packet = read_first_packet(first);
    original = packet->destination;
    const Bytes answer = retry(*packet, kRemote, own, seed_of(9), kNow).value();
    EXPECT_LT(answer.size(), 1200u);
    connection->receive(connection->path(), Ecn::kNotEct, answer, kNow);
    again = first_datagram(*connection);
    EXPECT_TRUE(second());
  }
  std::optional<FirstPacket> second() const { return read_first_packet(again); }

  std::unique_ptr<Connection> connection = client();
  ConnectionId own = *ConnectionId::from(Bytes(12, std::byte{0x91})), original;
  Bytes first, again;
};

TEST_F(RetryToken, BringsTheClientBackWithTheNewId) { EXPECT_EQ(second()->destination, own); }

TEST_F(RetryToken, ProvesTheAddressAndRemembersTheOriginalId) {
  const TokenVerdict verdict = check_retry_token(*second(), kRemote, seed_of(9), 10s, kNow + 1s);
  EXPECT_EQ(verdict.kind, TokenVerdict::Kind::kValid);
  EXPECT_EQ(verdict.original_destination, original);
}

TEST_F(RetryToken, IsInvalidFromAnotherAddressOrTooLate) {
  const Address other = Address::parse("192.0.2.8:4433").value();
  EXPECT_EQ(check_retry_token(*second(), other, seed_of(9), 10s, kNow).kind, TokenVerdict::Kind::kInvalid);
  EXPECT_EQ(check_retry_token(*second(), kRemote, seed_of(9), 10s, kNow + 11s).kind, TokenVerdict::Kind::kInvalid);
}

TEST_F(RetryToken, OfAnotherServerProvesNothing) {
  EXPECT_EQ(check_retry_token(*second(), kRemote, seed_of(10), 10s, kNow).kind, TokenVerdict::Kind::kNone);
  EXPECT_EQ(check_retry_token(*read_first_packet(first), kRemote, seed_of(9), 10s, kNow).kind,
            TokenVerdict::Kind::kNone);
}

TEST(Refusal, EndsTheClientWithItsReason) {
  const auto connection = client();
  const Bytes first = first_datagram(*connection);
  const Bytes answer = refusal(*read_first_packet(first), kConnectionRefused, "busy").value();
  EXPECT_LT(answer.size(), first.size());
  connection->receive(connection->path(), Ecn::kNotEct, answer, kNow);
  ASSERT_TRUE(connection->close_reason());
  EXPECT_EQ(connection->close_reason()->code, kConnectionRefused);
  EXPECT_EQ(connection->close_reason()->text, "busy");
  EXPECT_EQ(connection->close_reason()->error, make_error_code(Errc::kRefusedByPeer));
}

TEST(Stateless, AnswersToNoiseStayWithinThreeTimesItsSize) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto connection = client();
  const Bytes sample = first_datagram(*connection);
  for (int i = 0; i < 20'000; ++i) {
    Bytes datagram(random() % 2 ? random() % 1400 : 1200 + random() % 200);
    if (random() % 2)
      std::ranges::copy(ByteView(sample).first(std::min(sample.size(), datagram.size())), datagram.begin());
    for (std::size_t n = random() % 64; n > 0 && !datagram.empty(); --n)
      datagram[random() % std::min<std::size_t>(64, datagram.size())] = std::byte(random());
    if (const auto answer = version_negotiation(datagram)) {
      ASSERT_LE(answer->size(), 3 * datagram.size());
    }
    if (const auto packet = read_first_packet(datagram)) {
      check_retry_token(*packet, kRemote, seed_of(9), 10s, kNow);
      const auto answer = retry(*packet, kRemote, *ConnectionId::from(Bytes(12, std::byte{0x91})), seed_of(9), kNow);
      ASSERT_TRUE(!answer || answer->size() <= 3 * datagram.size());
      const auto refused = refusal(*packet, kConnectionRefused, "");
      ASSERT_TRUE(!refused || refused->size() <= 3 * datagram.size());
    }
  }
}

}  // namespace
}  // namespace quicket::quic
