#include "tests/sim/hostile_ways.hpp"

#include <limits>
#include <utility>

namespace quicket::sim {

namespace {

using Ways = HostileRelay::Ways;
using Client = HostileRelay::Client;
using Question = HostileRelay::Question;
using Make = std::function<Ways()>;

constexpr auto kNoGrant = "is no grant of what was asked for";
constexpr auto kBadly = "answers badly";
constexpr auto kSilent = "does not answer requests";
constexpr std::uint64_t kPushPromise = 5, kGoAway = 7, kUnknown = 0x21 + 0x1f * 100;

const Address kLoopback = Address::parse("127.0.0.1:4433").value();
const Address kPrivate = Address::parse("192.168.0.1:53").value();

void say_address(const Address& address, v1::Address& message) {
  message.set_ip(std::string(as_text(address.ip())));
  message.set_port(address.port());
}

// Where a question about a registration gets these bytes as its whole answer.
Make answering(std::function<Bytes(HostileRelay&, const Question&)> with) {
  return [with] {
    Ways ways;
    ways.answer = [with](HostileRelay& relay, const Question& question) {
      if (question.is_info) return HostileRelay::answer_info_well(question);
      question.client.say(question.stream, with(relay, question), true);
    };
    return ways;
  };
}
Make answering(int status, const std::vector<transports::HttpHeader>& fields = {}, const Bytes& body = {}) {
  return answering([=](HostileRelay&, const Question&) { return h3::response(status, fields, body); });
}
Make granting(std::function<void(v1::RegisterResponse&, const Question&)> change) {
  return answering([change](HostileRelay& relay, const Question& question) {
    v1::RegisterResponse granted = relay.grant(question);
    change(granted, question);
    return h3::response(granted);
  });
}

// Where every question, about the relay too, meets this.
Make meeting(std::function<void(HostileRelay&, const Question&)> with) {
  return [with] {
    Ways ways;
    ways.answer = with;
    return ways;
  };
}
Make greeting(std::function<void(HostileRelay&, Client&)> with) {
  return [with] {
    Ways ways;
    ways.greet = with;
    return ways;
  };
}

// Where every question is answered in pieces without an end: `first` at once, and `more` each beat.
Make answering_without_end(const Bytes& first, const Bytes& more, Duration beat) {
  return [=] {
    Ways ways;
    ways.answer = [first](HostileRelay&, const Question& question) { question.client.say(question.stream, first); };
    ways.go_on = [more](HostileRelay&, Client& client) {
      std::erase_if(client.asked, [&](quic::StreamId stream) { return !client.say(stream, more); });
    };
    ways.beat = beat;
    return ways;
  };
}

// Where all is well but for what comes besides, each beat.
Make flooding(std::function<void(Client&)> with, Duration beat) {
  return [=] {
    Ways ways;
    ways.go_on = [with](HostileRelay&, Client& client) { with(client); };
    ways.beat = beat;
    return ways;
  };
}

void close(HostileRelay& relay, Client& client, std::uint64_t code, bool application) {
  client.connection->close(code, "go\x1b[31m away", application, relay.now());
}

HostileWay closing(std::uint64_t code, bool application) {
  return {
      (application ? "ClosesWithHttpCode" : "ClosesWithTransportCode") + std::to_string(code),
      meeting([=](HostileRelay& relay, const Question& question) { close(relay, question.client, code, application); }),
      Errc::kRelayUnreachable, "closed the connection: go?[31m away"};
}

}  // namespace

std::vector<HostileWay> hostile_answers() {
  const auto window = [](std::uint32_t first, std::uint32_t num) {
    return granting([=](v1::RegisterResponse& granted, const Question&) {
      granted.set_first(first);
      granted.set_num(num);
    });
  };
  const auto observed = [](const Address& address) {
    return granting(
        [=](v1::RegisterResponse& granted, const Question&) { say_address(address, *granted.mutable_observed()); });
  };
  const auto lease = [](std::uint32_t seconds) {
    return granting([=](v1::RegisterResponse& granted, const Question&) { granted.set_lease_seconds(seconds); });
  };
  const auto token = [](std::string text) {
    return granting([=](v1::RegisterResponse& granted, const Question&) { granted.set_peer_token(text); });
  };
  const auto shrinking = [] {
    return granting([left = 120u](v1::RegisterResponse& granted, const Question&) mutable {
      granted.set_lease_seconds(left = std::max(1u, left / 2));
    })();
  };
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  const Bytes long_lease = h3::joined({{std::byte{0x18}}, Bytes(9, std::byte{0x80}), {std::byte{1}}});  // 2^63
  return {
      {"GrantsAnotherWindow", window(1000, 64), Errc::kRelayRefused, kNoGrant},
      {"GrantsMoreThanWasAsked", window(1, kMost), Errc::kRelayRefused, kNoGrant},
      {"GrantsAWindowThatWrapsAround", window(kMost, 2), Errc::kRelayRefused, kNoGrant},
      {"GrantsNoId", window(1, 0), Errc::kRelayRefused, kNoGrant},
      {"GrantsOneId", window(1, 1), std::nullopt, {}},
      {"SeesNoAddress", granting([](v1::RegisterResponse& granted, const Question&) { granted.clear_observed(); }),
       Errc::kRelayRefused, kNoGrant},
      {"SeesAnAddressOfThreeBytes",
       granting([](v1::RegisterResponse& granted, const Question&) { granted.mutable_observed()->set_ip("abc"); }),
       Errc::kRelayRefused, kNoGrant},
      {"SeesLoopback", observed(kLoopback), std::nullopt, {}},
      {"SeesAPrivateAddress", observed(kPrivate), std::nullopt, {}},
      {"SeesAnotherAddressEachTime",
       granting([number = std::uint16_t{1}](v1::RegisterResponse& granted, const Question&) mutable {
         say_address(kPrivate.with_port(++number), *granted.mutable_observed());
       }),
       std::nullopt,
       {}},
      {"ClaimsAddressesOfOthers",
       granting([](v1::RegisterResponse& granted, const Question& question) {
         for (const Address& address : {kLoopback, kPrivate, question.client.path.remote})
           say_address(address, *granted.add_public_addresses());
       }),
       std::nullopt,
       {}},
      {"GrantsForNoTime", lease(0), Errc::kRelayRefused, kNoGrant},
      {"GrantsForASecond", lease(1), std::nullopt, {}},
      {"GrantsForACentury", lease(kMost), std::nullopt, {}},
      {"GrantsForTwoToThe63", answering([long_lease](HostileRelay& relay, const Question& question) {
         v1::RegisterResponse granted = relay.grant(question);
         granted.clear_lease_seconds();
         const Bytes body = h3::joined({to_bytes(as_bytes(granted.SerializeAsString())), long_lease});
         return h3::response(200, {}, body);
       }),
       Errc::kRelayRefused, kNoGrant},
      {"GrantsForHalfAsLongEachTime", shrinking, std::nullopt, {}},
      {"GivesATokenOf64KiB", token(std::string(64 * 1024, 'x')), Errc::kRelayRefused, kBadly},
      {"GivesATokenOf257Bytes", token(std::string(257, 'x')), Errc::kRelayRefused, kNoGrant},
      {"GivesATokenOfControlCharacters", token("\x1b[2J\n"), Errc::kRelayRefused, kNoGrant},
      {"AnswersHtml", answering(200, {{"content-type", "text/html"}}, to_bytes(as_bytes("<html>"))),
       Errc::kRelayRefused, kNoGrant},
      {"AnswersJson", answering(200, {{"content-type", "application/json"}}, to_bytes(as_bytes("{\"num\":64}"))),
       Errc::kRelayRefused, kNoGrant},
      {"AnswersWithoutABody", answering(200), Errc::kRelayRefused, kNoGrant},
      {"Redirects", answering(302, {{"location", "https://127.0.0.1:1/"}}), Errc::kRelayRefused, "HTTP status 302"},
      {"KnowsNoSuchPath", answering(404), Errc::kRelayRefused, "HTTP status 404"},
      {"RefusesAllProofs", answering(403), Errc::kRelayRefused, "HTTP status 403"},
      {"IsFullForYears", answering(503, {{"retry-after", "4294967295"}}), Errc::kRelayOverQuota, "HTTP status 503"},
      {"IsFullForTwoToThe63", answering(503, {{"retry-after", "9223372036854775808"}}), Errc::kRelayOverQuota, "503"},
      {"IsFullForNoTime", answering(429, {{"retry-after", "0"}}), Errc::kRelayOverQuota, "HTTP status 429"},
      {"IsFullUntilADate", answering(503, {{"retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"}}), Errc::kRelayOverQuota,
       "HTTP status 503"},
      {"AnswersStatus999", answering(999), Errc::kRelayRefused, "HTTP status 999"},
      {"ExplainsWithControlCharacters", answering([](HostileRelay&, const Question&) {
         constexpr std::string_view kProblem = "\x12\x0c\x1b[31mHacked\n";  // title
         return h3::response(500, {}, to_bytes(as_bytes(kProblem)));
       }),
       Errc::kRelayRefused, "refuses: ?[31mHacked?"},
      {"HasIdsOfAnotherLength",
       [] {
         Ways ways;
         ways.answer = [](HostileRelay& relay, const Question& question) {
           if (!question.is_info) return relay.answer_well(question);
           v1::Info info;
           info.set_connection_id_length(19);
           question.client.say(question.stream, h3::response(info), true);
         };
         return ways;
       },
       Errc::kRelayRefused, "has connection IDs of 19 bytes, ours have 12"},
      {"GrantsEverySecondTime",
       answering([answered = 0](HostileRelay& relay, const Question& question) mutable {
         return ++answered % 2 == 0 ? h3::response(503) : h3::response(relay.grant(question));
       }),
       std::nullopt,
       {}},
  };
}

std::vector<HostileWay> hostile_streams() {
  const auto after = [](Duration pause) {
    return meeting([pause](HostileRelay& relay, const Question& question) {
      relay.later(
          question.client, pause,
          [&relay, stream = question.stream, wanted = question.wanted, is_info = question.is_info](Client& client) {
            relay.answer_well({.client = client, .stream = stream, .wanted = wanted, .is_info = is_info});
          });
    });
  };
  const Bytes endless_head = h3::joined({h3::varint(1), h3::varint(1u << 30), Bytes(2)});
  const Bytes endless_body = h3::joined({h3::head(200), h3::varint(0), h3::varint(1u << 30)});
  const Bytes endless_unknown = h3::joined({h3::varint(kUnknown), h3::varint(1u << 30)});
  const Bytes interim = h3::head(103, {{"link", "</style.css>; rel=preload"}});
  const Bytes flood(16 * 1024, std::byte{'x'}), trickle(1, std::byte{'x'});
  std::vector<transports::HttpHeader> many;
  for (int i = 0; i < 2000; ++i) many.push_back({"x-" + std::to_string(i), "y"});
  const auto refuse = [](std::uint64_t code) {
    return meeting(
        [code](HostileRelay&, const Question& question) { question.client.connection->reset(question.stream, code); });
  };
  return {
      {"NeverAnswers", meeting([](HostileRelay&, const Question&) {}), Errc::kRelayUnreachable, kSilent},
      {"AnswersAfterSixSeconds", after(6s), Errc::kRelayUnreachable, kSilent},
      {"NeverGreets",
       [] {
         Ways ways;
         ways.greet = [](HostileRelay&, Client&) {};
         ways.answer = [](HostileRelay&, const Question&) {};
         return ways;
       },
       Errc::kRelayUnreachable, kSilent},
      {"AnswersAHeadAlone", answering_without_end(h3::head(200), {}, 1h), Errc::kRelayUnreachable, kSilent},
      {"TricklesABody", answering_without_end(endless_body, trickle, 1s), Errc::kRelayUnreachable, kSilent},
      {"TricklesAHead", answering_without_end(endless_head, trickle, 1s), Errc::kRelayUnreachable, {}},
      {"AnswersABodyWithoutEnd", answering_without_end(endless_body, flood, 50ms), Errc::kRelayRefused, kBadly},
      {"TricklesInterimAnswers", answering_without_end(interim, interim, 1s), Errc::kRelayUnreachable, kSilent},
      {"AnswersInterimWithoutEnd", answering_without_end(interim, interim, 10ms), Errc::kRelayRefused, kBadly},
      {"AnswersUnknownFramesWithoutEnd", answering_without_end(endless_unknown, flood, 50ms), Errc::kRelayUnreachable,
       kSilent},
      {"AnswersManyFields", answering(200, many), Errc::kRelayRefused, kBadly},
      {"AnswersOneHugeField", answering(200, {{"x", std::string(200'000, 'y')}}), Errc::kRelayUnreachable, {}},
      {"AnswersNothing",
       answering([](HostileRelay&, const Question&) { return Bytes(); }),
       Errc::kRelayUnreachable,
       {}},
      {"AnswersWithoutAStatus", answering([](HostileRelay&, const Question&) {
         return h3::frame(1, h3::joined({Bytes(2), h3::field("x", "y")}));
       }),
       Errc::kRelayRefused, kBadly},
      {"Resets", refuse(0x102), Errc::kRelayRefused, kBadly},
      {"RejectsForLater", refuse(0x10b), Errc::kRelayRefused, kBadly},
      {"StopsReading", meeting([](HostileRelay&, const Question& question) {
         question.client.connection->stop_sending(question.stream, 0x102);
       }),
       Errc::kRelayUnreachable, kSilent},
      {"PromisesAPush",
       answering([](HostileRelay&, const Question&) {
         return h3::frame(kPushPromise, h3::joined({h3::varint(0), Bytes(2)}));
       }),
       Errc::kRelayUnreachable,
       {}},
  };
}

std::vector<HostileWay> hostile_connections() {
  const auto goodbye = h3::frame(kGoAway, h3::varint(0));
  const auto drain = [goodbye](Client& client) { client.say(client.control, goodbye); };
  std::vector<HostileWay> ways = {
      {"ClosesAtOnce", greeting([](HostileRelay& relay, Client& client) { close(relay, client, 0x100, true); }),
       Errc::kRelayUnreachable, "closed the connection"},
      {"DrainsAtOnce", greeting([drain](HostileRelay&, Client& client) {
         HostileRelay::greet_well(client);
         drain(client);
       }),
       Errc::kRelayUnreachable, "is going away"},
      {"DrainsInPlaceOfAnAnswer", meeting([drain](HostileRelay&, const Question& question) { drain(question.client); }),
       Errc::kRelayUnreachable, "is going away"},
      {"DrainsAfterEachAnswer",
       meeting([drain](HostileRelay& relay, const Question& question) {
         relay.answer_well(question);
         if (!question.is_info) relay.later(question.client, 50ms, drain);
       }),
       std::nullopt,
       {}},
      {"ClosesAfterEachAnswer",
       meeting([](HostileRelay& relay, const Question& question) {
         relay.answer_well(question);
         if (!question.is_info)
           relay.later(question.client, 100ms, [&](Client& client) { close(relay, client, 0x100, true); });
       }),
       std::nullopt,
       {}},
      {"ClosesEverySixSeconds",
       [] {
         Ways made;
         made.go_on = [](HostileRelay& relay, Client& client) { close(relay, client, 0x100, true); };
         made.beat = 6s;
         return made;
       },
       std::nullopt,
       {}},
      {"FloodsTheControlStream",
       [] {
         Ways made;
         made.greet = [](HostileRelay&, Client& client) {
           HostileRelay::greet_well(client);
           client.say(client.control, h3::joined({h3::varint(kUnknown), h3::varint(std::uint64_t{1} << 60)}));
         };
         made.go_on = [](HostileRelay&, Client& client) { client.say(client.control, Bytes(4096)); };
         made.beat = 100ms;
         return made;
       },
       std::nullopt,
       {}},
      {"FloodsWithSettings",
       flooding([](Client& client) { client.say(client.control, h3::frame(4, {})); }, 10ms),
       std::nullopt,
       {}},
      {"FloodsWithStreamsOfUnknownTypes",
       flooding(
           [](Client& client) {
             while (const auto stream = client.connection->open_stream(quic::Direction::kUnidirectional))
               client.say(*stream, h3::varint(kUnknown), true);
           },
           100ms),
       std::nullopt,
       {}},
      {"PushesStreams",
       greeting([](HostileRelay&, Client& client) {
         HostileRelay::greet_well(client);
         const auto stream = client.connection->open_stream(quic::Direction::kUnidirectional).value();
         client.say(stream, h3::joined({h3::varint(1), h3::varint(0)}));
       }),
       Errc::kRelayUnreachable,
       {}},
      {"EndsTheControlStream",
       greeting([](HostileRelay&, Client& client) {
         HostileRelay::greet_well(client);
         client.say(client.control, {}, true);
       }),
       Errc::kRelayUnreachable,
       {}},
  };
  for (const std::uint64_t code : {0x0, 0x1, 0x2, 0x3, 0xa, 0xb, 0xc, 0xf, 0x10, 0x12a, 0x15f})
    ways.push_back(closing(code, false));
  for (const std::uint64_t code : {0x0, 0x100, 0x102, 0x104, 0x107, 0x10b, 0x110}) ways.push_back(closing(code, true));
  ways.push_back(closing((std::uint64_t{1} << 62) - 1, true));
  return ways;
}

}  // namespace quicket::sim
