#pragma once

#include "relay/forward/decide.hpp"
#include "tests/relay/forward/packets.hpp"
#include "tests/relay/table/support.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quicket::relay {

// The world of the fixtures: who is registered at the relay.
//   waiter  session 1, alone
//   caller, callee   session 2
//   open    without a session, as the reference implementation registers; friendly another such
struct FixtureWorld {
  static inline const RegistrationKey kWaiter = proven_key(1), kCaller = proven_key(2), kCallee = proven_key(3);
  static inline const RegistrationKey kOpen = bearer_key(4), kFriendly = bearer_key(5);
  static inline const Address kWaiterAt = address("192.0.2.1:1001"), kCallerAt = address("192.0.2.2:1002"),
                              kCalleeAt = address("[2001:db8::3]:1003"), kOpenAt = address("192.0.2.4:1004"),
                              kFriendlyAt = address("192.0.2.5:1005"), kStranger = address("192.0.2.99:1099");

  explicit FixtureWorld(RouteTable& table) {
    table.register_window(window(kWaiter, kWaiterAt, session(1)), kStart);
    table.register_window(window(kCaller, kCallerAt, session(2)), kStart);
    table.register_window(window(kCallee, kCalleeAt, session(2)), kStart);
    table.register_window(window(kOpen, kOpenAt), kStart);
    table.register_window(window(kFriendly, kFriendlyAt), kStart);
  }
};

// Fixture is one datagram and what every forwarding plane must decide about it.
struct Fixture {
  std::string name;
  Bytes datagram;
  Address from;
  Verdict::Kind kind = Verdict::Kind::kDrop;
  std::optional<DropReason> reason{};      // kDrop
  std::optional<RegistrationKey> to{};     // kForward, kHold
  std::optional<RegistrationKey> heard{};  // whose sign of life it is
};

inline std::vector<Fixture> fixtures() {
  using W = FixtureWorld;
  using enum Verdict::Kind;
  using enum DropReason;
  const ConnectionId waiter = id_of(W::kWaiter, 1), caller = id_of(W::kCaller, 2), callee = id_of(W::kCallee, 64);
  const ConnectionId open = id_of(W::kOpen, 10), friendly = id_of(W::kFriendly, 1);
  const ConnectionId nobody = cid(0x11), relays = cid(0x91), none;
  const auto with_first = [](Bytes bytes, std::uint8_t first) {
    bytes[0] = std::byte(first);
    return bytes;
  };
  const auto cut = [](Bytes bytes, std::size_t size) {
    bytes.resize(size);
    return bytes;
  };
  const Bytes stun = with_first(filled({}, 100), 0x00);

  return {
      // 0. What is no QUIC at all.
      {"empty", {}, W::kStranger, kDrop, kEmpty},
      {"one byte", filled({std::byte{0x40}}, 1), W::kStranger, kDrop, kTooShort},
      {"seven bytes, short header", filled({std::byte{0x40}}, 7), W::kStranger, kDrop, kTooShort},
      {"seven bytes, long header", filled({std::byte{0xc0}}, 7), W::kStranger, kDrop, kTooShort},
      {"one byte shorter than a packet can be", short_packet(caller, 32), W::kCalleeAt, kDrop, kTooShort},
      {"as short as a packet can be", short_packet(caller, 33), W::kCalleeAt, kForward, {}, W::kCaller, W::kCallee},
      {"STUN request", stun, W::kCalleeAt, kDrop, kFixedBit},
      {"STUN response", with_first(stun, 0x01), W::kCalleeAt, kDrop, kFixedBit},
      {"short header, fixed bit clear", with_first(short_packet(caller), 0x01), W::kCalleeAt, kDrop, kFixedBit},
      {"long header, fixed bit clear", with_first(long_packet(caller, callee), 0x80), W::kCalleeAt, kDrop, kFixedBit},
      {"DTLS", with_first(filled({}, 100), 22), W::kStranger, kDrop, kFixedBit},
      {"long header of 33 bytes", cut(long_packet(cid(0x91, 20), none, 40), 33), W::kStranger, kHttp3},
      {"long header whose source ID is cut off", cut(long_packet(cid(0x91, 20), cid(0x92, 20)), 40), W::kStranger,
       kDrop, kMalformed},
      {"destination ID of 21 bytes",
       with_first(filled({std::byte{0xc0}, {}, {}, {}, std::byte{1}, std::byte{21}}, 1200), 0xc0), W::kStranger, kDrop,
       kMalformed},
      {"destination ID of 255 bytes", filled({std::byte{0xc0}, {}, {}, {}, std::byte{1}, std::byte{255}}, 100),
       W::kStranger, kDrop, kMalformed},

      // 1. Known destinations, and their sessions' checks.
      {"short header to the other party", short_packet(callee), W::kCallerAt, kForward, {}, W::kCallee, W::kCaller},
      {"and back", short_packet(caller), W::kCalleeAt, kForward, {}, W::kCaller, W::kCallee},
      {"Initial to the other party", long_packet(caller, callee), W::kCalleeAt, kForward, {}, W::kCaller, W::kCallee},
      {"Initial with an empty source ID",
       long_packet(caller, none),
       W::kCalleeAt,
       kForward,
       {},
       W::kCaller,
       W::kCallee},
      {"Handshake packet", long_packet(caller, callee, 600, 0xe1), W::kCalleeAt, kForward, {}, W::kCaller, W::kCallee},
      {"any version",
       long_packet(caller, callee, 600, 0xc0, 0x6b3343cf),
       W::kCalleeAt,
       kForward,
       {},
       W::kCaller,
       W::kCallee},
      {"more than 1452 bytes", short_packet(callee, 1472), W::kCallerAt, kForward, {}, W::kCallee, W::kCaller},
      {"as long as UDP allows", short_packet(callee, 65'507), W::kCallerAt, kForward, {}, W::kCallee, W::kCaller},
      {"a stranger, short header", short_packet(callee), W::kStranger, kDrop, kNotAdmitted},
      {"a stranger, Initial", long_packet(callee, cid(0x22)), W::kStranger, kDrop, kNotAdmitted},
      {"a member of another session", short_packet(callee), W::kWaiterAt, kDrop, kNotAdmitted},
      {"the other party's host, another port", short_packet(callee), W::kCallerAt.with_port(1), kDrop, kNotAdmitted},
      {"to oneself in a session", short_packet(caller), W::kCallerAt, kDrop, kToItself},
      {"to oneself while waiting", short_packet(waiter), W::kWaiterAt, kDrop, kToItself},
      {"to oneself without a session", short_packet(open), W::kOpenAt, kDrop, kToItself},
      {"short header to one who waits", short_packet(waiter), W::kStranger, kHold, {}, W::kWaiter},
      {"Initial to one who waits", long_packet(waiter, cid(0x22)), W::kStranger, kHold, {}, W::kWaiter},
      {"a stranger to one without a session", short_packet(open), W::kStranger, kForward, {}, W::kOpen},
      {"one without a session to another", short_packet(open), W::kFriendlyAt, kForward, {}, W::kOpen, W::kFriendly},
      {"one with a session to one without", short_packet(friendly), W::kCallerAt, kForward, {}, W::kFriendly},
      {"the last ID of a window",
       short_packet(id_of(W::kCallee, 64)),
       W::kCallerAt,
       kForward,
       {},
       W::kCallee,
       W::kCaller},
      {"the next after it", short_packet(id_of(W::kCallee, 65)), W::kCallerAt, kDrop, kUnknownShort},
      {"a known ID, one byte longer in a long header", long_packet(cid(0x11, 13), relays), W::kStranger, kHttp3},

      // 2. Peers' packets for nobody are never answered.
      {"short header, unknown peer ID", short_packet(nobody), W::kStranger, kDrop, kUnknownShort},
      {"retransmission of a waiting dialer",
       long_packet(nobody, waiter),
       W::kWaiterAt,
       kDrop,
       kUnknownLong,
       {},
       W::kWaiter},
      {"the same with a random destination of 8 bytes",
       long_packet(cid(0x11, 8), waiter),
       W::kWaiterAt,
       kDrop,
       kUnknownLong,
       {},
       W::kWaiter},
      {"the same from elsewhere", long_packet(nobody, waiter), W::kStranger, kDrop, kUnknownLong},
      {"retransmission of the reference's dialer",
       long_packet(nobody, open),
       W::kOpenAt,
       kDrop,
       kUnknownLong,
       {},
       W::kOpen},
      {"a registrant's unregistered ID as source", long_packet(nobody, cid(0x22)), W::kCallerAt, kDrop, kUnknownLong},
      {"the same to one of the relay's", long_packet(relays, cid(0x22)), W::kCallerAt, kDrop, kUnknownLong},

      // 3. Everything else is the relay's HTTP/3.
      {"short header, relay's ID", short_packet(relays), W::kStranger, kHttp3},
      {"short header, relay's ID, from a registrant", short_packet(relays), W::kCallerAt, kHttp3},
      {"curl's first Initial: any destination, a source of any form", long_packet(cid(0x11, 18), cid(0x22)),
       W::kStranger, kHttp3},
      {"a browser's: empty source ID", long_packet(cid(0x11, 8), none), W::kStranger, kHttp3},
      {"the same from a registrant's address", long_packet(cid(0x11, 8), none), W::kCallerAt, kHttp3},
      {"our client's from a registrant's address", long_packet(nobody, cid(0xa2)), W::kCallerAt, kHttp3},
      {"a source of another length from there", long_packet(nobody, cid(0x22, 8)), W::kCallerAt, kHttp3},
      {"unknown version", long_packet(cid(0x11, 8), cid(0x22, 8), 1200, 0xc0, 0x1a2a3a4a), W::kStranger, kHttp3},
      {"Version Negotiation", long_packet(cid(0x91), cid(0x92), 60, 0xc0, 0), W::kStranger, kHttp3},
      {"Retry", long_packet(cid(0x91), cid(0x92), 60, 0xf0), W::kStranger, kHttp3},
  };
}

}  // namespace quicket::relay
