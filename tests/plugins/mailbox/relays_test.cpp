// What the carrier does with relays that behave in a certain way.
#include <quicket/conformance/fixture.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace quicket::conformance {
namespace {

using Answer = std::pair<int, std::string>;  // HTTP status and body

// kSilent: until the carrier gives up.
const Answer kSilent{0, ""};

// PlayedRelays answer as a function says, without any network.
class PlayedRelays : public Channel {
 public:
  using Play = std::function<Answer(const std::string& relay, std::string_view method, std::string_view path)>;
  explicit PlayedRelays(Play play) : play_(std::move(play)) {}

  Options deliver_options() override { return {}; }
  Options receive_options() override { return {}; }
  void inject(std::span<const std::uint8_t>) override {}
  std::string recipient() override { return "qk1bob"; }
  std::string peer(bool) override { return "qk1bob"; }
  std::vector<std::string> relays(bool) override { return {"one", "other"}; }
  RelayRequest relay_request(bool) override {
    return [this](quicket_relay_exchange& exchange, const std::stop_token& stop) -> int {
      const auto [status, body] = play_(exchange.relay, exchange.method, exchange.path);
      if (status == 0) return stay_silent(exchange.deadline_ms, stop);
      exchange.status = status;
      exchange.response.size = body.size();
      std::copy(body.begin(), body.end(), exchange.response.data);
      return QUICKET_CARRIER_OK;
    };
  }

 private:
  static int stay_silent(std::int64_t deadline, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, std::chrono::milliseconds(deadline - now()), [] { return false; });
    return stop.stop_requested() ? QUICKET_CARRIER_CANCELLED : QUICKET_CARRIER_DEADLINE;
  }

  Play play_;
};

const quicket_carrier& carrier() { return load(QUICKET_TEST_CARRIERS "/quicket-carrier-mailbox.so"); }

TEST(MailboxRelays, HaveTheOfferAsSoonAsOneOfThemTookIt) {
  PlayedRelays relays([](const std::string& relay, std::string_view, std::string_view) {
    return relay == "one" ? kSilent : Answer{200, "{}"};
  });
  const Instance instance(carrier(), {}, &relays);
  const std::int64_t start = now();
  EXPECT_EQ(instance.deliver(offer_of(100)).status, QUICKET_CARRIER_OK);
  EXPECT_LT(now() - start, 2'000);  // a silent relay is given up after five seconds
}

TEST(MailboxRelays, GetTheOfferEvenWhenAnotherHasItAlready) {
  std::promise<void> taken;
  std::atomic<int> tries = 0;
  PlayedRelays relays([&](const std::string& relay, std::string_view, std::string_view) {
    if (relay == "one") return Answer{200, "{}"};
    if (++tries == 3) taken.set_value();
    return tries < 3 ? Answer{503, ""} : Answer{200, "{}"};
  });
  const Instance instance(carrier(), {}, &relays);
  EXPECT_EQ(instance.deliver(offer_of(100)).status, QUICKET_CARRIER_OK);
  EXPECT_EQ(taken.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(MailboxRelays, GetTheOfferAgainOnceAfterTheyHaveStartedAnew) {
  std::promise<void> again;
  std::atomic<int> left = 0, looks = 0;
  PlayedRelays relays([&](const std::string& relay, std::string_view method, std::string_view path) {
    if (relay != "one") return Answer{404, ""};
    if (method == "GET") {
      EXPECT_EQ(path, "/v1/info");
      return ++looks == 1 ? Answer{503, ""} : Answer{200, R"({"run":"b"})"};
    }
    if (++left == 2) again.set_value();
    return Answer{200, left == 1 ? R"({"run":"a"})" : R"({"run":"b"})"};
  });
  const Instance instance(carrier(), {}, &relays);
  EXPECT_EQ(instance.deliver(offer_of(100)).status, QUICKET_CARRIER_OK);
  EXPECT_EQ(again.get_future().wait_for(std::chrono::seconds(15)), std::future_status::ready);
  EXPECT_EQ(left, 2);
}

TEST(MailboxRelays, GetTheOfferAgainWhenTheyHaveKeptItForAsLongAsTheyDo) {
  std::promise<void> again;
  std::atomic<int> left = 0;
  PlayedRelays relays([&](const std::string& relay, std::string_view method, std::string_view) {
    if (relay != "one") return Answer{404, ""};
    if (method == "POST" && ++left == 2) again.set_value();
    return Answer{200, left == 1 ? R"({"run":"a","keepSeconds":1})" : R"({"run":"a","keepSeconds":900})"};
  });
  const Instance instance(carrier(), {}, &relays);
  EXPECT_EQ(instance.deliver(offer_of(100)).status, QUICKET_CARRIER_OK);
  EXPECT_EQ(again.get_future().wait_for(std::chrono::seconds(15)), std::future_status::ready);
}

TEST(MailboxRelays, AreToldApartInTheReasonWhyAllRefused) {
  PlayedRelays relays([](const std::string& relay, std::string_view, std::string_view) {
    return relay == "one" ? Answer{403, R"({"detail":"not you"})"} : Answer{404, ""};
  });
  const Instance instance(carrier(), {}, &relays);
  const End end = instance.deliver(offer_of(100));
  EXPECT_EQ(end.status, QUICKET_CARRIER_FAILED);
  EXPECT_EQ(end.text, "relay one refused with status 403: not you");
}

TEST(MailboxRelays, AreComplainedOfOnceWhileTheyAreAskedAgain) {
  std::atomic<int> asked = 0;
  PlayedRelays relays([&](const std::string& relay, std::string_view, std::string_view) {
    if (relay != "one") return Answer{404, ""};
    return ++asked < 3 ? Answer{429, R"({"detail":"the mailbox is full"})"} : Answer{200, "{}"};
  });
  const Instance instance(carrier(), {}, &relays);
  EXPECT_EQ(instance.deliver(offer_of(100)).status, QUICKET_CARRIER_OK);
  const auto log = instance.log();
  EXPECT_EQ(std::ranges::count(log, "relay one refused with status 429: the mailbox is full"), 1);
}

TEST(MailboxRelays, AreNotAskedToWaitBeforeTheyHaveAnswered) {
  std::mutex mutex;
  std::vector<std::string> asked;
  PlayedRelays relays([&](const std::string& relay, std::string_view, std::string_view path) {
    const std::lock_guard lock(mutex);
    if (relay == "one") asked.emplace_back(path.substr(path.find('?')));
    return asked.size() == 1 ? Answer{503, ""} : asked.size() == 2 ? Answer{204, ""} : kSilent;
  });
  const Instance instance(carrier(), {}, &relays);
  Inbox inbox;
  EXPECT_EQ(instance.receive(inbox, 1'000).status, QUICKET_CARRIER_DEADLINE);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked, (std::vector<std::string>{"?wait=0", "?wait=0", "?wait=20"}));
}

TEST(MailboxRelays, AreGivenByUrl) {
  PlayedRelays relays([](const std::string&, std::string_view, std::string_view) { return kSilent; });
  const Instance instance(carrier(), {{"relay", "foo"}}, &relays);
  EXPECT_EQ(instance.opened().status, QUICKET_CARRIER_BAD_OPTION);
}

TEST(MailboxRelays, AreNotAskedAtOnceAgainWhenTheyDoNotWait) {
  std::atomic<int> asked = 0;
  PlayedRelays relays([&](const std::string&, std::string_view, std::string_view) {
    ++asked;
    return Answer{204, ""};
  });
  const Instance instance(carrier(), {}, &relays);
  Inbox inbox;
  EXPECT_EQ(instance.receive(inbox, 500).status, QUICKET_CARRIER_DEADLINE);
  EXPECT_LE(asked, 8);  // two relays, pauses of 125 ms at least, then 250 ms
}

TEST(MailboxRelays, AreNotAskedAtOnceAgainWhenTheyDoNotForget) {
  std::atomic<int> asked = 0;
  PlayedRelays relays([&](const std::string&, std::string_view method, std::string_view) {
    if (method == "DELETE") return Answer{500, ""};
    ++asked;
    return Answer{200, R"({"offer":"AQECAwQFBgcICQ==","id":"1"})"};
  });
  const Instance instance(carrier(), {}, &relays);
  Inbox inbox;
  EXPECT_EQ(instance.receive(inbox, 500).status, QUICKET_CARRIER_DEADLINE);
  EXPECT_LE(asked, 8);
  EXPECT_LE(inbox.offers().size(), 1u);
}

}  // namespace
}  // namespace quicket::conformance
