#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/backoff.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/mailbox/answers.hpp"
#include "plugins/mailbox/inbox.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxOffer = 32 * 1024;     // bytes, as relays take them
constexpr std::size_t kMaxAnswer = 96 * 1024;    // bytes of a relay's body: an offer in base64, and some
constexpr std::size_t kMaxRelays = 8;            // asked at once
constexpr std::int64_t kAnswerDeadline = 5'000;  // milliseconds; a try that takes longer is given up
constexpr std::int64_t kShortestPause = 250, kLongestPause = 10'000;  // milliseconds between tries

// Answer is what came of one request to a relay.
struct Answer {
  int outcome = QUICKET_CARRIER_FAILED;  // quicket_carrier_status
  int status = 0;                        // of HTTP, with QUICKET_CARRIER_OK
  std::string body;

  bool is_good() const noexcept { return outcome == QUICKET_CARRIER_OK && status / 100 == 2; }
};

bool is_worth_retrying(const Answer& answer) {
  if (answer.outcome != QUICKET_CARRIER_OK) return true;  // no answer
  return answer.status == 408 || answer.status == 429 || answer.status >= 500;
}

// why says what went wrong, for a person.
std::string why(const std::string& relay, const Answer& answer) {
  if (answer.outcome != QUICKET_CARRIER_OK) return "relay " + relay + " does not answer";
  const std::string detail = read_problem(answer.body);
  if (answer.status == 404 && detail.empty()) return "relay " + relay + " has no mailboxes";
  if (answer.is_good()) return "relay " + relay + " answers with what is no message";
  return "relay " + relay + " refused with status " + std::to_string(answer.status) +
         (detail.empty() ? "" : ": " + detail);
}

}  // namespace

// Mailbox leaves offers at the recipient's relays, and fetches them from the own ones.
class Mailbox {
 public:
  static constexpr quicket_option kOptions[] = {
      {"relay", "the URL of the relay to use, instead of the recipient's home relays or the configured ones"},
      {"wait", "how long a question for new offers may stay open at the relay: 1s to 25s, 20s by default"},
  };
  static constexpr quicket_carrier_info kInfo{.struct_size = sizeof(quicket_carrier_info),
                                              .name = "mailbox",
                                              .summary = "offers by way of the relay, which keeps them for the peer",
                                              .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE,
                                              .max_offer = kMaxOffer,
                                              .typical_latency_ms = 200,
                                              .options = kOptions,
                                              .option_count = std::size(kOptions)};

  Mailbox(Host host, const Options& options) : host_(host), waiter_(host) {
    refuse_unknown_options(options, kInfo);
    wait_ = duration_option(options, "wait", 20'000, 1'000, 25'000) / 1'000;
    if (const auto relay = text_option(options, "relay")) {
      own_ = {*relay};
      is_fixed_ = true;
    } else {
      const auto relays = host_.relays();
      own_.assign(relays.begin(), relays.end());
    }
    if (own_.size() > kMaxRelays) own_.resize(kMaxRelays);
  }

  void deliver(const Delivery& delivery) {
    if (delivery.offer.size() > kMaxOffer) throw TooLarge("a mailbox takes offers of at most 32 KiB");
    if (!delivery.recipient) throw Failed("a mailbox needs a recipient: dial a peer by its id or name");
    std::vector<std::string> relays = own_;
    if (!is_fixed_ && !delivery.home_relays.empty()) {
      relays.assign(delivery.home_relays.begin(), delivery.home_relays.end());
      if (relays.size() > kMaxRelays) relays.resize(kMaxRelays);
    }
    if (relays.empty()) throw Failed("there is no relay whose mailboxes could be used: quicket relay add URL");
    const auto body = host_.to_text(QUICKET_TEXT_JSON, delivery.offer);
    if (!body) throw Failed("the host cannot write this offer as text");

    // To all at once: nobody knows at which of them the recipient waits, and it takes an offer only once.
    std::atomic<bool> is_taken = false;
    std::vector<std::string> complaints(relays.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < relays.size(); ++i) {
        threads.emplace_back(
            [&, i] { complaints[i] = leave(relays[i], *delivery.recipient, *body, delivery.deadline_ms, is_taken); });
      }
    }
    if (is_taken) return;
    waiter_.pause(0, 0);  // cancelled?
    throw Failed(complaints.front());
  }

  void receive(std::int64_t deadline, const OnOffer& on_offer) {
    if (own_.empty()) throw Failed("there is no relay whose mailboxes could be asked: quicket relay add URL");
    Inbox inbox;
    std::string complaint;
    {
      std::vector<std::jthread> threads;
      for (const std::string& relay : own_)
        threads.emplace_back([&] { inbox.leave(fetch_all(inbox, relay, deadline)); });
      complaint = inbox.run(own_.size(), on_offer);
    }
    waiter_.pause(0, deadline);  // cancelled, or too late?
    throw Failed(complaint);
  }

  void cancel() noexcept { waiter_.cancel(); }

 private:
  // leave gives an offer to one relay, again and again if need be, but no more once another has it. What the relay said
  // in the end; nothing when it took the offer.
  std::string leave(const std::string& relay, std::string_view recipient, const std::string& body,
                    std::int64_t deadline, std::atomic<bool>& is_taken) const {
    Backoff backoff(kShortestPause, kLongestPause);
    std::string last;
    try {
      while (!is_taken) {
        waiter_.pause(0, deadline);
        const Answer answer = ask({.method = "POST",
                                   .relay = relay,
                                   .path = "/v1/mailbox/" + std::string(recipient),
                                   .body = body,
                                   .deadline = std::min(deadline, host_.now() + kAnswerDeadline)});
        if (answer.is_good()) {
          is_taken = true;
          return {};
        }
        last = why(relay, answer);
        if (!is_worth_retrying(answer)) return last;
        waiter_.pause(backoff.next(), deadline);
      }
      return last;
    } catch (const Failed& over) {
      return last.empty() ? over.what() : last;
    }
  }

  // fetch_all fetches from one relay until the call is over or the relay refuses for good, and gives the reason.
  std::string fetch_all(Inbox& inbox, const std::string& relay, std::int64_t deadline) const {
    const std::string path = "/v1/mailbox/" + host_.peer();
    Backoff backoff(kShortestPause, kLongestPause);
    std::string last;
    try {
      for (;;) {
        waiter_.pause(0, deadline);
        const std::int64_t latest = host_.now() + wait_ * 1'000 + kAnswerDeadline;
        const Answer answer = ask({.method = "GET",
                                   .relay = relay,
                                   .path = path + "?wait=" + std::to_string(wait_),
                                   .deadline = deadline == 0 ? latest : std::min(deadline, latest)});
        const auto offer = answer.is_good() ? host_.from_text(answer.body) : std::nullopt;
        const auto id = answer.is_good() ? read_message_id(answer.body) : std::nullopt;
        if (offer && id) {
          inbox.hand_on(*offer);
          acknowledge(relay, path + "/" + *id);
        } else if (id) {
          acknowledge(relay, path + "/" + *id);  // not an offer: nobody will ever want it
        }
        if (answer.is_good() && (id || answer.status == 204)) {
          backoff = Backoff(kShortestPause, kLongestPause);
          last.clear();
          continue;
        }
        const std::string problem = why(relay, answer);
        if (problem != last) host_.log(QUICKET_LOG_WARNING, problem);
        last = problem;
        if (!answer.is_good() && !is_worth_retrying(answer)) return last;
        waiter_.pause(backoff.next(), deadline);
      }
    } catch (const Failed& over) {
      return last.empty() ? over.what() : last;
    }
  }

  // acknowledge lets the relay forget a message. What fails here makes the message come once more.
  void acknowledge(const std::string& relay, const std::string& path) const {
    ask({.method = "DELETE", .relay = relay, .path = path, .deadline = host_.now() + kAnswerDeadline});
  }

  struct Question {
    const char* method;
    std::string relay, path, body;
    std::int64_t deadline;
  };

  Answer ask(const Question& question) const {
    Answer answer;
    answer.body.resize(kMaxAnswer);
    quicket_relay_exchange exchange{.struct_size = sizeof exchange};
    exchange.method = question.method;
    exchange.path = question.path.c_str();
    if (!question.body.empty()) exchange.content_type = "application/json";
    exchange.body = reinterpret_cast<const std::uint8_t*>(question.body.data());
    exchange.body_size = question.body.size();
    exchange.sign_as_peer = question.body.empty() ? 1 : 0;  // what is asked of one's own mailbox
    exchange.deadline_ms = question.deadline;
    exchange.response = {reinterpret_cast<std::uint8_t*>(answer.body.data()), answer.body.size(), 0};
    exchange.relay = question.relay.c_str();
    answer.outcome = host_.relay_request(exchange);
    answer.status = exchange.status;
    answer.body.resize(answer.outcome == QUICKET_CARRIER_OK ? exchange.response.size : 0);
    return answer;
  }

  Host host_;
  Waiter waiter_;
  std::int64_t wait_;  // seconds
  std::vector<std::string> own_;
  bool is_fixed_ = false;  // own_ is what the user said, for both directions
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Mailbox)
