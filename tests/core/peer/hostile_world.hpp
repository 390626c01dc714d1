#pragma once

#include "core/peer/host.hpp"
#include "tests/core/peer/hostile.hpp"
#include "tests/core/peer/switchboard.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::test {

// Transport error codes (RFC 9000 section 20.1).
inline constexpr std::uint64_t kInternal = 0x01, kFlowControl = 0x03, kStreamLimit = 0x04, kStreamState = 0x05,
                               kFinalSize = 0x06, kFrameEncoding = 0x07, kIdLimit = 0x09, kViolation = 0x0a,
                               kCryptoBuffer = 0x0d,
                               kUnexpectedMessage = 0x10a;  // TLS alert 10

// Member is a device that plays fair.
struct Member {
  explicit Member(Switchboard& board) : host(identity, Bytes(32, std::byte{7})), port(board.plug(host)) {}
  Identity identity = Identity::generate();
  Host host;
  Switchboard::Port& port;
};

// Frames writes a packet's frames (RFC 9000 section 19).
class Frames {
 public:
  Frames& varint(std::uint64_t value) {
    const int width = value < 64 ? 1 : value < 16'384 ? 2 : value < 1u << 30 ? 4 : 8;
    const std::uint64_t marked = value | std::uint64_t(width == 1   ? 0
                                                       : width == 2 ? 1
                                                       : width == 4 ? 2
                                                                    : 3)
                                             << (8 * width - 2);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) bytes_.push_back(std::byte(marked >> shift));
    return *this;
  }
  Frames& raw(ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Frames& zeros(std::size_t count) { return raw(Bytes(count)); }

  Frames& crypto(std::uint64_t offset, ByteView data) {
    return varint(0x06).varint(offset).varint(data.size()).raw(data);
  }
  Frames& stream(std::uint64_t id, std::uint64_t offset, std::size_t size, bool fin = false) {
    return varint(fin ? 0x0f : 0x0e).varint(id).varint(offset).varint(size).zeros(size);
  }
  Frames& reset(std::uint64_t id, std::uint64_t final_size) {
    return varint(0x04).varint(id).varint(0).varint(final_size);
  }
  Frames& stop_sending(std::uint64_t id) { return varint(0x05).varint(id).varint(0); }
  Frames& acknowledge(std::uint64_t number) { return varint(0x02).varint(number).varint(0).varint(0).varint(0); }
  Frames& max_streams(std::uint64_t count) { return varint(0x12).varint(count); }
  Frames& retire(std::uint64_t sequence) { return varint(0x19).varint(sequence); }
  Frames& new_id(std::uint64_t sequence, std::uint64_t retire_prior_to, std::uint8_t first_byte) {
    varint(0x18).varint(sequence).varint(retire_prior_to).varint(12);
    raw(Bytes(1, std::byte(first_byte))).raw(Bytes(11, std::byte(sequence))).raw(Bytes(16, std::byte(sequence)));
    return *this;
  }
  Frames& challenge(std::uint64_t number) {
    varint(0x1a);
    for (int shift = 56; shift >= 0; shift -= 8) bytes_.push_back(std::byte(number >> shift));
    return *this;
  }
  Frames& datagram(std::size_t size) { return varint(0x31).varint(size).zeros(size); }

  std::size_t size() const { return bytes_.size(); }
  operator ByteView() const { return bytes_; }

 private:
  Bytes bytes_;
};

constexpr UnixTime kNow{std::chrono::seconds(1'800'000'000)};

// What a peer may do who is trusted and means harm. Alice is the victim, by dialing or by accepting (the parameter); at
// the same time she talks to Bob, who never notices.
class HostileWorld {
 public:
  explicit HostileWorld(bool victim_accepts) : victim_accepts_(victim_accepts) {
    const std::vector<Host::LegChoice> a_legs{{&alice.port, {}}}, b_legs{{&bob.port, {}}};
    const DialRequest request{.peer = bob.identity.id(), .wall_clock = kNow, .options = options_};
    with_bob_ = alice.host.dial(request, a_legs, board.now).value();
    const Bytes offer = offer_of(with_bob_);
    const auto opened = open_offer(offer, bob.identity, std::vector{alice.identity.id()}).value();
    const LinkId with_alice = bob.host.accept(opened, b_legs, options_, board.now).value();
    EXPECT_TRUE(board.run_until([&] { return seen<Connected>(alice, with_bob_) && seen<Connected>(bob, with_alice); }));
    bobs_ = bob.host.connection(with_alice);
  }

  // start begins the enemy's link with Alice; meet waits for the end of its handshake.
  void start() {
    const std::vector<Host::LegChoice> legs{{&alice.port, {}}};
    if (victim_accepts_) {
      const auto opened = open_offer(enemy.offer(alice.identity.id()), alice.identity, std::vector{enemy.id()}).value();
      link_ = alice.host.accept(opened, legs, options_, board.now).value();
    } else {
      const DialRequest request{.peer = enemy.id(), .wall_clock = kNow, .options = options_};
      link_ = alice.host.dial(request, legs, board.now).value();
      enemy.answer(offer_of(link_), alice.identity.id());
    }
  }
  void meet() {
    start();
    EXPECT_TRUE(board.run_until([&] {
      const quic::Connection* at_alice = alice.host.connection(link_);
      return at_alice && at_alice->is_handshake_confirmed() && enemy.connection().is_handshake_confirmed();
    }));
    board.run_for(200ms);  // for acknowledgements and connection IDs
  }
  // greet is meet and a proper HELLO.
  void greet() {
    meet();
    enemy.say(encode_hello({.protocols = {"test/1"}}));
    EXPECT_TRUE(board.run_until([&] { return seen<Connected>(alice, link_) != nullptr; }));
    board.run_for(200ms);
  }

  // inject sends a packet of the enemy's own, to the newest of the victim's IDs while there is one.
  void inject(ByteView frames, std::uint8_t first_byte = 0x43) {
    if (alice.host.connection(link_)) enemy.inject(victim().issued_ids().back(), frames, first_byte);
  }

  quic::Connection& victim() { return *alice.host.connection(link_); }
  const Disconnected* ended() { return seen<Disconnected>(alice, link_); }
  bool ends(Duration limit = 5s) {
    return board.run_until([&] { return ended() && enemy.close(); }, limit);
  }
  // closed_with says how it ended: by Alice, as a violation, and with this code on the wire.
  ::testing::AssertionResult closed_with(Hostile::Close close, Errc why = Errc::kProtocolViolation) {
    if (!ends()) return ::testing::AssertionFailure() << (ended() ? "without a word" : "it goes on");
    if (ended()->why.code != why || !ended()->by_us) return ::testing::AssertionFailure() << ended()->why.message();
    if (*enemy.close() == close) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << std::hex << "code " << enemy.close()->code;
  }
  ::testing::AssertionResult goes_on() {
    board.run_for(1s);
    if (ended()) return ::testing::AssertionFailure() << ended()->why.message();
    return ::testing::AssertionSuccess();
  }

  // nobody_else_noticed holds when Alice and Bob still talk, and Alice has forgotten links that are over.
  ::testing::AssertionResult nobody_else_noticed() {
    board.run_for(5s);
    const std::size_t links = alice.host.links(), expected = ended() ? 1 : 2;
    if (links != expected) return ::testing::AssertionFailure() << links << " links";
    quic::Connection* const hers = alice.host.connection(with_bob_);
    if (!hers || hers->is_closed()) return ::testing::AssertionFailure() << "Bob's link is gone";
    const quic::StreamId stream = hers->open_stream(quic::Direction::kBidirectional).value();
    constexpr std::size_t kSize = 50'000;
    EXPECT_EQ(hers->write(stream, Bytes(kSize), true).value(), kSize);
    alice.host.touch(with_bob_, board.now);
    if (!board.run_until([&] { return bobs_->readable(stream) == kSize; }, 1s))
      return ::testing::AssertionFailure() << "Bob waits for bytes";
    return ::testing::AssertionSuccess();
  }

  template <class E>
  const E* seen(Member& device, LinkId link) {
    for (const auto& [id, event] : board.events[&device.host]) {
      if (const E* found = std::get_if<E>(&event); found && id == link) return found;
    }
    return nullptr;
  }
  // count counts the events that reached the owner of the enemy's link.
  std::size_t events() {
    return static_cast<std::size_t>(
        std::ranges::count(board.events[&alice.host], link_, &std::pair<LinkId, LinkEvent>::first));
  }

  // Stream IDs by who opens them, from 0.
  std::uint64_t enemys_bidi(std::uint64_t n) const { return 4 * n + (victim_accepts_ ? 0 : 1); }
  std::uint64_t enemys_uni(std::uint64_t n) const { return 4 * n + (victim_accepts_ ? 2 : 3); }
  std::uint64_t victims_bidi(std::uint64_t n) const { return 4 * n + (victim_accepts_ ? 1 : 0); }
  std::uint64_t victims_uni(std::uint64_t n) const { return 4 * n + (victim_accepts_ ? 3 : 2); }

  Switchboard board;
  Member alice{board}, bob{board};
  Hostile enemy{board};

 private:
  Bytes offer_of(LinkId link) {
    EXPECT_TRUE(board.run_until([&] { return seen<OfferReady>(alice, link) != nullptr; }));
    return seen<OfferReady>(alice, link)->offer;
  }

  bool victim_accepts_;
  const LinkOptions options_{.protocols = {"test/1"}};
  LinkId with_bob_{}, link_{};
  quic::Connection* bobs_ = nullptr;
};

// EnemyTest has such a world; the enemy dials where the parameter is true.
class EnemyTest : public ::testing::TestWithParam<bool> {
 protected:
  HostileWorld world{GetParam()};
  bool victim_accepts() const { return GetParam(); }
};

}  // namespace quicket::test
