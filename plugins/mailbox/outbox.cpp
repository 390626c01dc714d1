#include "plugins/mailbox/outbox.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>

#include <quicket/plugin/backoff.hpp>

#include "plugins/mailbox/answers.hpp"
#include "plugins/mailbox/question.hpp"

namespace quicket::plugin {

namespace {

constexpr std::int64_t kShortestLook = 5'000, kLongestLook = 30'000;  // milliseconds between looks at a relay's run

// Kept is what a relay said when it took a letter.
struct Kept {
  std::string run;     // empty: untold
  std::int64_t until;  // milliseconds on the host's clock; the letter's deadline where untold
};

// Errand is one letter at one relay.
struct Errand {
  const Host& host;
  const Waiter& waiter;
  const std::string& relay;
  const Letter& letter;
  const std::atomic<bool>* is_enough;  // null: it must get there

  Answer question(const char* method, const std::string& path, const std::string& body) const {
    return ask(host, {.method = method,
                      .relay = relay,
                      .path = path,
                      .body = body,
                      .deadline = std::min(letter.deadline, host.now() + kAnswerDeadline)});
  }

  // leave leaves the letter, again and again if need be, and gives what the relay said. Throws.
  Kept leave() const {
    Backoff backoff(kShortestPause, kLongestPause);
    std::string last;
    try {
      while (is_enough == nullptr || !*is_enough) {
        waiter.pause(0, letter.deadline);
        const Answer answer = question("POST", letter.path, letter.body);
        if (answer.is_good()) {
          const std::int64_t keep = read_keep(answer.body);
          return {.run = read_run(answer.body).value_or(""), .until = keep == 0 ? letter.deadline : host.now() + keep};
        }
        if (answer.outcome == QUICKET_CARRIER_CANCELLED) {  // the host's requests end first, and then all else
          waiter.pause(kLongestPause, letter.deadline);
          continue;
        }
        const std::string problem = why(relay, answer);
        if (problem != last) host.log(QUICKET_LOG_WARNING, problem);
        last = problem;
        if (!answer.is_worth_retrying()) throw Failed(last);
        waiter.pause(backoff.next(), letter.deadline);
      }
      throw Failed(last);
    } catch (const DeadlinePassed& over) {
      throw DeadlinePassed(last.empty() ? over.what() : last);
    }
  }

  // watch leaves the letter again when the relay's run is another one, and when the time is over for which it was kept.
  // It ends by what leave() and the waiter throw.
  void watch(Kept kept) const {
    Backoff calm(kShortestLook, kLongestLook), away(kShortestPause, kLongestPause);
    bool is_away = false;
    for (int restarts = 0; restarts < Outbox::kMostRestarts;) {
      waiter.pause(is_away ? away.next() : calm.next(), letter.deadline);
      bool is_lost = host.now() >= kept.until;
      if (!is_lost && !kept.run.empty()) {
        const Answer answer = question("GET", "/v1/info", {});
        is_away = !answer.is_good();
        if (is_away) continue;
        away = Backoff(kShortestPause, kLongestPause);
        const auto run = read_run(answer.body);
        is_lost = run && *run != kept.run;
        if (is_lost) ++restarts;
      }
      if (!is_lost) continue;
      kept = leave();
      calm = Backoff(kShortestLook, kLongestLook);
    }
  }
};

}  // namespace

// Progress is what has become of a letter. Thread safety: all members.
struct Outbox::Progress {
  Progress(Letter to_leave, std::size_t relays) : letter(std::move(to_leave)), complaints(relays), open(relays) {}

  void taken() {
    const std::lock_guard lock(mutex);
    is_taken = true;
    --open;
    changed.notify_all();
  }
  void refused(std::size_t relay, std::string complaint) {
    const std::lock_guard lock(mutex);
    complaints[relay] = std::move(complaint);
    --open;
    changed.notify_all();
  }
  // wait gives whether a relay has taken it, once that is known.
  bool wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return is_taken || open == 0; });
    return is_taken;
  }

  const Letter letter;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> complaints;
  std::size_t open;  // relays of which nothing is known
  std::atomic<bool> is_taken = false;
};

void Outbox::leave(const std::vector<std::string>& relays, const Letter& letter) {
  const auto progress = std::make_shared<Progress>(letter, relays.size());
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(workers_, [](const Worker& worker) { return worker.is_done->load(); });
    for (std::size_t i = 0; i < relays.size(); ++i) start(i, relays[i], progress);
  }
  if (progress->wait()) return;
  waiter_.pause(0, 0);  // cancelled?
  const std::string& complaint = progress->complaints.front();
  if (host_.now() >= letter.deadline) throw DeadlinePassed(complaint);
  throw Failed(complaint);
}

void Outbox::start(std::size_t index, std::string relay, std::shared_ptr<Progress> progress) {
  const bool stays = workers_.size() < kMostWatched;
  const auto is_done = std::make_shared<std::atomic<bool>>(false);
  const auto work = [this, index, relay = std::move(relay), progress = std::move(progress), stays, is_done] {
    const Errand errand{.host = host_,
                        .waiter = waiter_,
                        .relay = relay,
                        .letter = progress->letter,
                        .is_enough = stays ? nullptr : &progress->is_taken};
    bool is_taken = false;
    try {
      Kept kept = errand.leave();
      is_taken = true;
      progress->taken();
      if (stays) errand.watch(std::move(kept));
    } catch (const std::exception& over) {
      if (!is_taken) progress->refused(index, over.what());
    }
    *is_done = true;
  };
  workers_.push_back({is_done, std::jthread(work)});
}

}  // namespace quicket::plugin
