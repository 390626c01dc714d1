#include "core/peer/pairing.hpp"

#include "tests/core/peer/hostile_world.hpp"

#include <gmock/gmock.h>

namespace quicket {
namespace {

using namespace test;
using testing::HasSubstr;

const LinkOptions kOptions{.protocols = {"test/1"}};
const DialRequest kPairingDial{
    .peer = std::nullopt, .kind = OfferKind::kPairing, .wall_clock = kNow, .options = kOptions};

// Meeting is a place where somebody may be called who is not known.
struct Meeting {
  template <class E>
  const E* seen(Host& host) {
    for (const auto& [id, event] : board.events[&host]) {
      if (const E* found = std::get_if<E>(&event)) return found;
    }
    return nullptr;
  }
  static std::vector<Host::LegChoice> legs(Member& member) { return {{&member.port, {}}}; }

  LinkId dial(const DialRequest& request = kPairingDial) {
    return alice.host.dial(request, legs(alice), board.now).value();
  }
  OpenedOffer offer(const Identity& reader) {
    EXPECT_TRUE(board.run_until([&] { return seen<OfferReady>(alice.host); }));
    return open_offer(seen<OfferReady>(alice.host)->offer, reader, {}).value();
  }

  Switchboard board;
  Member alice{board};
};

TEST(PairingProof, DiffersByRoleSecretAndSession) {
  const Bytes secret(16, std::byte{1}), other(16, std::byte{2}), session(32, std::byte{3}), another(32, std::byte{4});
  const Sha256 proof = pairing_proof(secret, quic::Role::kClient, session);
  EXPECT_NE(proof, pairing_proof(secret, quic::Role::kServer, session));
  EXPECT_NE(proof, pairing_proof(other, quic::Role::kClient, session));
  EXPECT_NE(proof, pairing_proof(secret, quic::Role::kClient, another));
}

TEST(PairingSecret, IsGoodForOneProof) {
  const Bytes secret(16, std::byte{1}), session(32, std::byte{3});
  const Sha256 right = pairing_proof(secret, quic::Role::kServer, session);
  for (const bool wrong_first : {true, false}) {
    Pairing pairing(secret, quic::Role::kClient);
    if (wrong_first) {
      EXPECT_FALSE(std::move(pairing).take(Bytes(32), session));
    } else {
      EXPECT_TRUE(std::move(pairing).take(right, session));
    }
    EXPECT_FALSE(std::move(pairing).take(right, session));
    EXPECT_FALSE(std::move(pairing).take(pairing_proof({}, quic::Role::kServer, session), session));
  }
}

TEST(PairingHost, TwoWhoNeverMetLearnEachOthersKeys) {
  Meeting meeting;
  Member bob(meeting.board);
  meeting.dial();
  const OpenedOffer opened = meeting.offer(bob.identity);
  EXPECT_EQ(opened.kind, OfferKind::kPairing);
  ASSERT_TRUE(bob.host.accept(opened, Meeting::legs(bob), kOptions, meeting.board.now).has_value());
  ASSERT_TRUE(meeting.board.run_until(
      [&] { return meeting.seen<Connected>(meeting.alice.host) && meeting.seen<Connected>(bob.host); }));
  EXPECT_EQ(meeting.seen<Connected>(meeting.alice.host)->peer, bob.identity.id());
  EXPECT_EQ(meeting.seen<Connected>(bob.host)->peer, meeting.alice.identity.id());
}

TEST(PairingHost, TwoWhoMeetByDifferentSecretsDoNotPair) {
  Meeting meeting;
  Member bob(meeting.board);
  meeting.dial();
  OpenedOffer opened = meeting.offer(bob.identity);
  opened.offer.secret.front() ^= std::byte{1};
  ASSERT_TRUE(bob.host.accept(opened, Meeting::legs(bob), kOptions, meeting.board.now).has_value());
  ASSERT_TRUE(meeting.board.run_until(
      [&] { return meeting.seen<Disconnected>(meeting.alice.host) && meeting.seen<Disconnected>(bob.host); }));
  for (Host* host : {&meeting.alice.host, &bob.host}) {
    EXPECT_EQ(meeting.seen<Disconnected>(*host)->why.code, Errc::kPairingFailed);
    EXPECT_THAT(meeting.seen<Disconnected>(*host)->why.message(), HasSubstr("begin anew with a new offer"));
    EXPECT_EQ(meeting.seen<Connected>(*host), nullptr);
  }
}

TEST(PairingHost, ADialerDoesNotPairWithItself) {
  Meeting meeting;
  Host twin(meeting.alice.identity, Bytes(32, std::byte{8}));
  const std::vector<Host::LegChoice> legs{{&meeting.board.plug(twin), {}}};
  meeting.dial();
  const OpenedOffer opened = meeting.offer(meeting.alice.identity);
  ASSERT_TRUE(twin.accept(opened, legs, kOptions, meeting.board.now).has_value());
  ASSERT_TRUE(meeting.board.run_until([&] { return meeting.seen<Disconnected>(meeting.alice.host); }));
  EXPECT_EQ(meeting.seen<Disconnected>(meeting.alice.host)->why.code, Errc::kPairingFailed);
  EXPECT_THAT(meeting.seen<Disconnected>(meeting.alice.host)->why.message(), HasSubstr("own key"));
}

TEST(PairingHost, WhomTheDialersOwnerRefusesConnectsToNobody) {
  Meeting meeting;
  Member bob(meeting.board);
  DialRequest request = kPairingDial;
  request.pairing = [](const PeerId&) { return Outcome<>(Failure{Errc::kNameTaken, "bob is robert"}); };
  meeting.dial(request);
  ASSERT_TRUE(
      bob.host.accept(meeting.offer(bob.identity), Meeting::legs(bob), kOptions, meeting.board.now).has_value());
  ASSERT_TRUE(meeting.board.run_until(
      [&] { return meeting.seen<Disconnected>(meeting.alice.host) && meeting.seen<Disconnected>(bob.host); }));
  EXPECT_EQ(meeting.seen<Disconnected>(meeting.alice.host)->why.code, Errc::kNameTaken);
  EXPECT_THAT(meeting.seen<Disconnected>(meeting.alice.host)->why.message(), HasSubstr("robert"));
  for (Host* host : {&meeting.alice.host, &bob.host}) EXPECT_EQ(meeting.seen<Connected>(*host), nullptr);
}

TEST(PairingHost, WhoIsExpectedByKeyIsPairedWithAndNobodyElse) {
  for (const bool is_expected : {true, false}) {
    Meeting meeting;
    Member bob(meeting.board);
    DialRequest request = kPairingDial;
    request.peer = is_expected ? bob.identity.id() : Identity::generate().id();
    meeting.dial(request);
    const OpenedOffer opened = meeting.offer(bob.identity);
    ASSERT_TRUE(bob.host.accept(opened, Meeting::legs(bob), kOptions, meeting.board.now).has_value());
    Host& host = meeting.alice.host;
    ASSERT_TRUE(
        meeting.board.run_until([&] { return meeting.seen<Connected>(host) || meeting.seen<Disconnected>(host); }));
    EXPECT_EQ(meeting.seen<Connected>(host) != nullptr, is_expected);
    if (!is_expected) {
      EXPECT_EQ(meeting.seen<Disconnected>(host)->why.code, Errc::kPeerKeyMismatch);
    }
  }
}

TEST(PairingHost, ADialIsNotMoreThanADayPatient) {
  Meeting meeting;
  DialRequest request = kPairingDial;
  request.patience = 24h + 1s;
  EXPECT_EQ(meeting.alice.host.dial(request, Meeting::legs(meeting.alice), meeting.board.now).error(),
            boost::system::errc::invalid_argument);
}

TEST(PairingHost, OnlyAPairingOfferMayBeForAnybody) {
  Meeting meeting;
  for (const OfferKind kind : {OfferKind::kOpen, OfferKind::kSealed}) {
    DialRequest request = kPairingDial;
    request.kind = kind;
    EXPECT_EQ(meeting.alice.host.dial(request, Meeting::legs(meeting.alice), meeting.board.now).error(),
              boost::system::errc::invalid_argument);
  }
}

// An enemy who has got as far as a handshake with somebody who pairs: by dialing or by answering (the parameter).
class PairingEnemy : public ::testing::TestWithParam<bool> {
 protected:
  PairingEnemy() {
    Member& alice = meeting.alice;
    if (GetParam()) {
      const Bytes offer = enemy.pairing_offer(alice.identity.id(), secret);
      link =
          alice.host
              .accept(open_offer(offer, alice.identity, {}).value(), Meeting::legs(alice), kOptions, meeting.board.now)
              .value();
    } else {
      link = meeting.dial();
      secret = meeting.offer(Identity::generate()).offer.secret;
      enemy.answer(meeting.seen<OfferReady>(alice.host)->offer, alice.identity.id());
    }
    EXPECT_TRUE(meeting.board.run_until([&] {
      const quic::Connection* at_alice = alice.host.connection(link);
      return at_alice && at_alice->is_handshake_confirmed() && enemy.connection().is_handshake_confirmed();
    }));
    meeting.board.run_for(200ms);
  }

  quic::Role own() { return enemy.connection().role(); }
  quic::Role victims() { return own() == quic::Role::kClient ? quic::Role::kServer : quic::Role::kClient; }
  Bytes exporter() { return enemy.connection().exporter(kPairingExporterLabel, kPairingExporterSize).value(); }
  void greet(Bytes proof) { enemy.say(encode_hello({.protocols = {"test/1"}, .pairing_proof = std::move(proof)})); }
  bool is_told() {  // that there is a connection, or anything of what it brings
    return std::ranges::any_of(meeting.board.events[&meeting.alice.host], [](const auto& event) {
      return std::holds_alternative<Connected>(event.second) || std::holds_alternative<quic::Event>(event.second);
    });
  }

  Meeting meeting;
  Hostile enemy{meeting.board};
  Bytes secret = Bytes(kPairingSecret, std::byte{9});
  LinkId link{};
};
INSTANTIATE_TEST_SUITE_P(, PairingEnemy, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Dials" : "Answers"; });

TEST_P(PairingEnemy, WhoHasTheOfferIsNoEnemy) {
  greet(to_bytes(pairing_proof(secret, own(), exporter())));
  EXPECT_TRUE(meeting.board.run_until([&] { return meeting.seen<Connected>(meeting.alice.host); }, 1s));
}

TEST_P(PairingEnemy, IsToldNothingAndTellsNothingBeforeItsProof) {
  const auto stream = enemy.connection().open_stream(quic::Direction::kBidirectional).value();
  EXPECT_TRUE(enemy.connection().write(stream, as_bytes("hello"), true).has_value());
  meeting.board.run_for(1s);
  EXPECT_FALSE(is_told());
  greet({});
  meeting.board.run_for(1s);
  EXPECT_FALSE(is_told());
}

class WrongProof : public PairingEnemy {
 protected:
  void expect_refused(Bytes proof) {
    greet(std::move(proof));
    ASSERT_TRUE(
        meeting.board.run_until([&] { return enemy.close() && meeting.seen<Disconnected>(meeting.alice.host); }));
    EXPECT_TRUE(*enemy.close() == (Hostile::Close{true, kCodePairingRefused})) << std::hex << enemy.close()->code;
    EXPECT_EQ(meeting.seen<Disconnected>(meeting.alice.host)->why.code, Errc::kPairingFailed);
    EXPECT_FALSE(is_told());
  }
};
INSTANTIATE_TEST_SUITE_P(, WrongProof, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "OfADialer" : "OfAnAccepter"; });

TEST_P(WrongProof, ThatIsMissingIsRefused) { expect_refused({}); }
TEST_P(WrongProof, OfAnotherSecretIsRefused) {
  expect_refused(to_bytes(pairing_proof(Bytes(kPairingSecret), own(), exporter())));
}
TEST_P(WrongProof, ThatIsTheVictimsOwnIsRefused) {
  expect_refused(to_bytes(pairing_proof(secret, victims(), exporter())));
}
TEST_P(WrongProof, OfAnotherTlsSessionIsRefused) {
  expect_refused(to_bytes(pairing_proof(secret, own(), Bytes(kPairingExporterSize))));
}
TEST_P(WrongProof, ThatIsCutShortIsRefused) {
  Bytes proof = to_bytes(pairing_proof(secret, own(), exporter()));
  proof.pop_back();
  expect_refused(std::move(proof));
}
TEST_P(WrongProof, WithMoreBehindItIsRefused) {
  Bytes proof = to_bytes(pairing_proof(secret, own(), exporter()));
  proof.push_back(std::byte{0});
  expect_refused(std::move(proof));
}

}  // namespace
}  // namespace quicket
