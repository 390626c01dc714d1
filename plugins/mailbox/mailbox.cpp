#include <algorithm>
#include <iterator>
#include <thread>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/backoff.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/mailbox/answers.hpp"
#include "plugins/mailbox/inbox.hpp"
#include "plugins/mailbox/outbox.hpp"
#include "plugins/mailbox/question.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxOffer = 32 * 1024;  // bytes, as relays take them
constexpr std::size_t kMaxRelays = 8;         // asked at once

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

  Mailbox(Host host, const Options& options) : host_(host), waiter_(host), outbox_(host, waiter_) {
    refuse_unknown_options(options, kInfo);
    wait_ = duration_option(options, "wait", 20'000, 1'000, 25'000) / 1'000;
    if (const auto relay = text_option(options, "relay")) {
      if (!relay->starts_with("https://")) throw bad_option("relay", "takes a relay's URL, https://HOST:PORT#pin=...");
      own_ = {*relay};
      is_fixed_ = true;
    } else {
      const auto relays = host_.relays();
      own_.assign(relays.begin(), relays.end());
    }
    if (own_.size() > kMaxRelays) own_.resize(kMaxRelays);
  }
  ~Mailbox() { waiter_.cancel(); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

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

    outbox_.leave(
        relays,
        {.path = "/v1/mailbox/" + std::string(*delivery.recipient), .body = *body, .deadline = delivery.deadline_ms});
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
  // fetch_all fetches from one relay until the call is over or the relay refuses for good, and gives the reason.
  std::string fetch_all(Inbox& inbox, const std::string& relay, std::int64_t deadline) const {
    const std::string path = "/v1/mailbox/" + host_.peer();
    Backoff backoff(kShortestPause, kLongestPause);
    std::string last;
    bool is_there = false;  // one that has not answered yet is not asked to wait: its trouble shows sooner
    try {
      for (;;) {
        waiter_.pause(0, deadline);
        const std::int64_t wait = is_there ? wait_ : 0;
        const std::int64_t asked = host_.now(), latest = asked + wait * 1'000 + kAnswerDeadline;
        const Answer answer = ask(host_, {.method = "GET",
                                          .relay = relay,
                                          .path = path + "?wait=" + std::to_string(wait),
                                          .is_signed = true,
                                          .deadline = deadline == 0 ? latest : std::min(deadline, latest)});
        const auto offer = answer.is_good() ? host_.from_text(answer.body) : std::nullopt;
        const auto id = answer.is_good() ? read_message_id(answer.body) : std::nullopt;
        const bool is_empty = answer.is_good() && answer.status == 204;
        if (offer && id) inbox.hand_on(*offer);
        // What is no offer, nobody will ever want. A relay that does not forget, or does not wait, is given a rest.
        const bool is_well =
            id ? acknowledge(relay, path + "/" + *id) : is_empty && host_.now() - asked >= wait * 1'000 / 2;
        is_there = answer.is_good();
        if (is_well) backoff = Backoff(kShortestPause, kLongestPause);
        if (id || is_empty) last.clear();
        if (is_well) continue;
        waiter_.pause(0, deadline);                         // an answer that came too late is no problem
        if (answer.outcome == QUICKET_CARRIER_CANCELLED) {  // the host's requests end first, and then all else
          waiter_.pause(kLongestPause, deadline);
          continue;
        }
        if (!id && !is_empty) {
          const std::string problem = why(relay, answer);
          if (problem != last) host_.log(QUICKET_LOG_WARNING, problem);
          last = problem;
          if (!answer.is_good() && !answer.is_worth_retrying()) return last;
        }
        waiter_.pause(backoff.next(), deadline);
      }
    } catch (const Failed& over) {
      return last.empty() ? over.what() : last;
    }
  }

  // acknowledge lets the relay forget a message. What fails here makes the message come once more.
  bool acknowledge(const std::string& relay, const std::string& path) const {
    const Answer answer = ask(host_, {.method = "DELETE",
                                      .relay = relay,
                                      .path = path,
                                      .is_signed = true,
                                      .deadline = host_.now() + kAnswerDeadline});
    return answer.is_good();
  }

  Host host_;
  Waiter waiter_;
  std::int64_t wait_;  // seconds
  std::vector<std::string> own_;
  bool is_fixed_ = false;  // own_ is what the user said, for both directions
  Outbox outbox_;          // its threads end before the waiter
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Mailbox)
