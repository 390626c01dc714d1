// RelayClient and its owner's own requests: what carriers ask of a relay.
#include "tests/transports/relay/world.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace quicket::transports {
namespace {

using namespace test;

struct RelayExchanging : testing::Test {
  ExchangeId ask(std::string method, std::string path, Duration patience = 10s, const Identity* signer = nullptr) {
    RelayExchange exchange{.signer = signer, .deadline = wire.now + patience};
    exchange.request = {.method = std::move(method), .path = std::move(path), .headers = {}, .body = {}};
    return ask(std::move(exchange));
  }
  ExchangeId ask(RelayExchange exchange) {
    const ExchangeId id = peer.client.exchange(std::move(exchange), wire.now);
    wire.run_for(1ms);
    return id;
  }
  // leave puts an offer into our mailbox.
  ExchangeId leave(std::string_view json) {
    RelayExchange exchange{.deadline = wire.now + 10s};
    exchange.request = {.method = "POST",
                        .path = box,
                        .headers = {{"content-type", "application/json"}},
                        .body = to_bytes(as_bytes(json))};
    return ask(std::move(exchange));
  }
  // outcome waits for the end of an exchange: its status, or the error.
  std::string outcome(ExchangeId id, Duration limit = 30s) {
    std::string text = "(none)";
    wire.run_until(
        [&] {
          while (auto done = peer.client.exchanged()) ends[done->id] = std::move(done->response);
          return ends.contains(id);
        },
        limit);
    if (const auto found = ends.find(id); found != ends.end()) {
      text = found->second ? std::to_string(found->second->status) : found->second.error().code.message();
    }
    return text;
  }

  Wire wire;
  TestRelay relay{wire};
  TestPeer peer{wire, target_of(relay)};
  const Identity me = Identity::from_seed({std::byte{1}});
  const std::string box = "/v1/mailbox/" + me.id().to_string();
  std::map<ExchangeId, Outcome<HttpResponse>> ends;
};

std::string message(Errc code) { return make_error_code(code).message(); }

TEST_F(RelayExchanging, ConnectsForARequestAndGivesTheAnswerWhateverItsStatus) {
  EXPECT_EQ(outcome(ask("GET", "/v1/info")), "200");
  EXPECT_EQ(outcome(ask("GET", "/v1/nothing")), "404");
  EXPECT_EQ(peer.client.statistics().connections, 1u);
}

TEST_F(RelayExchanging, ProvesWhoAsksOnlyWhenToldTo) {
  EXPECT_EQ(outcome(leave(R"({"offer":"AQID"})")), "200");
  EXPECT_EQ(outcome(ask("GET", box)), "403");
  EXPECT_EQ(outcome(ask("GET", box, 10s, &me)), "200");
}

TEST_F(RelayExchanging, WaitsForAnAnswerThatComesLate) {
  const ExchangeId waiting = ask("GET", box + "?wait=20", 25s, &me);
  wire.run_for(15s);
  EXPECT_EQ(outcome(waiting, 0s), "(none)");
  EXPECT_EQ(outcome(leave(R"({"offer":"AQID"})")), "200");
  EXPECT_EQ(outcome(waiting, 1s), "200");
  EXPECT_EQ(peer.client.statistics().connections, 1u) << "silence while a question is open is no failure";
}

TEST_F(RelayExchanging, RegistersBesideManyQuestionsThatStayOpen) {
  std::deque<Identity> owners;
  for (std::size_t i = 0; i < RelayExchanges::kMost; ++i) {
    const Identity& owner = owners.emplace_back(Identity::from_seed({std::byte(i)}));
    ask("GET", "/v1/mailbox/" + owner.id().to_string() + "?wait=20", 25s, &owner);
  }
  const Registration one = registration(1);
  peer.hold(one);
  EXPECT_TRUE(wire.run_until([&] { return peer.count<Granted>(one) == 1; }, 1s));
  EXPECT_EQ(outcome(ask("GET", "/v1/info")), message(Errc::kOutOfResources));
}

TEST_F(RelayExchanging, EndsAtItsDeadlineWhereNoRelayIs) {
  relay.stop();
  const TimePoint start = wire.now;
  EXPECT_EQ(outcome(ask("GET", "/v1/info", 3s)), message(Errc::kRelayUnreachable));
  EXPECT_GE(wire.now - start, 3s - 10ms);
  EXPECT_LE(wire.now - start, 3s + 10ms);
}

TEST_F(RelayExchanging, EndsAtItsDeadlineWhereARelayNeverAnswers) {
  relay.answers = false;
  const TimePoint start = wire.now;
  EXPECT_EQ(outcome(ask("GET", "/v1/info", 3s)), message(Errc::kHttpDeadline));
  EXPECT_LE(wire.now - start, 3s + 100ms);
}

TEST_F(RelayExchanging, TellsOfALostConnectionAndServesTheNextRequestByAnother) {
  const ExchangeId waiting = ask("GET", box + "?wait=20", 25s, &me);
  wire.run_for(1s);
  relay.restart();
  EXPECT_EQ(outcome(ask("GET", "/v1/info", 10s)), message(Errc::kClosedByPeer));
  EXPECT_EQ(outcome(waiting, 1s), message(Errc::kClosedByPeer));
  EXPECT_EQ(outcome(ask("GET", "/v1/info", 10s)), "200");
}

TEST_F(RelayExchanging, ForgetsWhatIsCancelled) {
  const ExchangeId waiting = ask("GET", box + "?wait=20", 25s, &me);
  wire.run_for(1s);
  EXPECT_EQ(relay.service->mailbox().waiting(), 1u);
  peer.client.cancel_exchange(waiting, wire.now);
  EXPECT_EQ(outcome(waiting, 5s), "(none)");
  EXPECT_TRUE(peer.client.is_idle());
}

TEST_F(RelayExchanging, EndsEverythingWhenItIsClosed) {
  const ExchangeId waiting = ask("GET", box + "?wait=20", 25s, &me);
  wire.run_for(1s);
  peer.client.close(wire.now);
  EXPECT_EQ(outcome(waiting, 1s), message(Errc::kConnectionClosed));
  EXPECT_EQ(outcome(ask("GET", "/v1/info", 10s), 1s), message(Errc::kConnectionClosed));
}

}  // namespace
}  // namespace quicket::transports
