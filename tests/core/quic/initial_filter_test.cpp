#include "core/quic/initial_filter.hpp"

#include "tests/core/base/hex.hpp"
#include "tests/core/quic/initial_builder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket::quic {
namespace {

ConnectionId id(std::string_view text) { return *ConnectionId::from(from_hex(text)); }

const ConnectionId kOwn = id("2b5c2c4c9385fb1b29934723");
const ConnectionId kPeer = id("448d3e851ea76b693aaa05aa");
const ConnectionId kOriginal = id("0102030405060708");
const FrozenDial kDial{.first_id = kOwn, .original_id = kOriginal};

const Bytes kServerHello = octets_of({6, 0, 8, 2, 0, 0, 4, 3, 3, 7, 7});
const Bytes kAck = octets_of({2, 0, 0, 0, 0});
const Bytes kClose = octets_of({0x1c, 2, 0, 4, 'b', 'u', 's', 'y'});
constexpr std::uint8_t kRetry = 0xf0;

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}

// answer is what the accepter sends first, unless `plan` says otherwise.
InitialPlan answer(Bytes frames) { return {.destination = kOwn, .source = kPeer, .frames = std::move(frames)}; }

FrozenVerdict judge(const InitialPlan& plan, Role sender = Role::kServer, const ConnectionId& keys = kOriginal) {
  return judge_while_frozen(protect_initial(unprotected_initial(plan), keys, sender).value(), kDial);
}

TEST(InitialFilter, FeedsAnAnswerWithAServerHello) {
  EXPECT_EQ(judge(answer(joined({kAck, kServerHello, Bytes(40)}))), FrozenVerdict::kFeed);
  EXPECT_EQ(judge(answer(joined({octets_of({1}), kServerHello}))), FrozenVerdict::kFeed);
}

TEST(InitialFilter, FeedsAnAnswerWithMorePacketsBehindIt) {
  Bytes datagram = protect_initial(unprotected_initial(answer(kServerHello)), kOriginal, Role::kServer).value();
  datagram.resize(1200, std::byte{0xe1});
  EXPECT_EQ(judge_while_frozen(datagram, kDial), FrozenVerdict::kFeed);
}

TEST(InitialFilter, FeedsAnAnswerWhoseCryptoFramesAreReordered) {
  const Bytes later = octets_of({6, 4, 4, 3, 3, 7, 7}), first = octets_of({6, 0, 4, 2, 0, 0, 4});
  EXPECT_EQ(judge(answer(joined({later, first}))), FrozenVerdict::kFeed);
}

TEST(InitialFilter, ReportsAnAuthenticRefusal) {
  EXPECT_EQ(judge(answer(joined({kClose, Bytes(20)}))), FrozenVerdict::kRefusal);
  // A refusal without a connection names the original ID as its source.
  EXPECT_EQ(judge({.destination = kOwn, .source = kOriginal, .frames = joined({kClose, Bytes(20)})}),
            FrozenVerdict::kRefusal);
}

TEST(InitialFilter, HoldsBackACloseUnderOtherKeys) {
  EXPECT_EQ(judge(answer(joined({kClose, Bytes(20)})), Role::kServer, id("0102030405060709")), FrozenVerdict::kOther);
  EXPECT_EQ(judge(answer(joined({kClose, Bytes(20)})), Role::kClient), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackRandomBytes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const Bytes header = unprotected_initial(answer({}));
  for (int round = 0; round < 5'000; ++round) {
    Bytes bytes(random() % 1300);
    for (std::byte& b : bytes) b = std::byte(static_cast<std::uint8_t>(random()));
    if (round % 2 == 0 && bytes.size() > header.size()) std::copy(header.begin(), header.end() - 3, bytes.begin());
    EXPECT_EQ(judge_while_frozen(bytes, kDial), FrozenVerdict::kOther);
  }
}

TEST(InitialFilter, HoldsBackATruncatedAnswer) {
  const Bytes whole = protect_initial(unprotected_initial(answer(kServerHello)), kOriginal, Role::kServer).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(judge_while_frozen(ByteView(whole).first(size), kDial), FrozenVerdict::kOther);
  }
}

TEST(InitialFilter, HoldsBackTheOwnFlightSentBack) {
  const InitialPlan own{.destination = kOriginal, .source = kOwn, .frames = octets_of({6, 0, 4, 1, 0, 0, 0})};
  EXPECT_EQ(judge(own, Role::kClient), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackVersionNegotiationWithTheRightIds) {
  InitialPlan plan = answer(kServerHello);
  plan.version = 0;
  EXPECT_EQ(judge_while_frozen(unprotected_initial(plan), kDial), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackARetryWithTheRightIds) {
  InitialPlan plan = answer(Bytes(30));
  plan.first = kRetry;
  EXPECT_EQ(judge_while_frozen(unprotected_initial(plan), kDial), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackAnotherVersion) {
  InitialPlan plan = answer(kServerHello);
  plan.version = 0x6b3343cf;
  EXPECT_EQ(judge_while_frozen(unprotected_initial(plan), kDial), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackForgedInitialsWithoutAServerHello) {
  for (const Bytes& frames :
       {kAck, octets_of({1}), octets_of({6, 0, 4, 1, 0, 0, 0}), octets_of({6, 1, 4, 2, 0, 0, 0})}) {
    EXPECT_EQ(judge(answer(joined({frames, Bytes(20)}))), FrozenVerdict::kOther);
    EXPECT_EQ(
        judge({.destination = kOwn, .source = id("0a0b0c0d0e0f0a0b0c0d0e0f"), .frames = joined({frames, Bytes(20)})}),
        FrozenVerdict::kOther);
  }
}

TEST(InitialFilter, HoldsBackFramesThatDoNotBelongIntoAnInitial) {
  EXPECT_EQ(judge(answer(joined({kServerHello, octets_of({0x1e})}))), FrozenVerdict::kOther);  // HANDSHAKE_DONE
  EXPECT_EQ(judge(answer(joined({kServerHello, octets_of({0x08, 0, 1, 1})}))), FrozenVerdict::kOther);  // STREAM
  EXPECT_EQ(judge(answer(joined({kServerHello, octets_of({0x06, 0x40})}))), FrozenVerdict::kOther);     // cut short
}

TEST(InitialFilter, HoldsBackASourceIdThatIsNotOfThePeerForm) {
  const Bytes frames = joined({kAck, kServerHello});
  EXPECT_EQ(judge({.destination = kOwn, .source = id("c48d3e851ea76b693aaa05aa"), .frames = frames}),
            FrozenVerdict::kOther);
  EXPECT_EQ(judge({.destination = kOwn, .source = id("448d3e851ea76b69"), .frames = frames}), FrozenVerdict::kOther);
  EXPECT_EQ(judge({.destination = kOwn, .frames = frames}), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackAnAnswerToAnotherId) {
  EXPECT_EQ(judge({.destination = kPeer, .source = kPeer, .frames = kServerHello}), FrozenVerdict::kOther);
}

TEST(InitialFilter, HoldsBackATokenAndReservedBits) {
  InitialPlan token = answer(kServerHello);
  token.token = octets_of({1});
  EXPECT_EQ(judge(token), FrozenVerdict::kOther);
  InitialPlan reserved = answer(kServerHello);
  reserved.first = 0xc4;
  EXPECT_EQ(judge(reserved), FrozenVerdict::kOther);
}

// A forged ServerHello is fed: only who has read an unsealed offer knows these keys, and then only a new offer helps.
TEST(InitialFilter, CannotTellAForgedServerHello) {
  EXPECT_EQ(judge({.destination = kOwn, .source = id("0a0b0c0d0e0f0a0b0c0d0e0f"), .frames = kServerHello}),
            FrozenVerdict::kFeed);
}

}  // namespace
}  // namespace quicket::quic
