#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

// Letter is an offer that goes into a mailbox.
struct Letter {
  std::string path;  // of the mailbox
  std::string body;
  std::int64_t deadline;  // milliseconds; afterwards nobody wants it any more
};

// Outbox leaves letters at relays, and leaves them again where a relay has started anew and so lost what it kept, or
// has kept them for as long as it does.
// A thread for each letter at each relay, until its deadline. Thread safety: leave().
class Outbox {
 public:
  // kMostWatched: threads. More letters are given up at the other relays once one has taken them, and no restart is
  // noticed.
  static constexpr std::size_t kMostWatched = 64;
  static constexpr int kMostRestarts = 8;  // of one relay, after which a letter is left again there

  // Borrows the waiter, by which all ends.
  Outbox(Host host, const Waiter& waiter) : host_(host), waiter_(waiter) {}
  // The waiter is cancelled, and the host answers nothing any more.
  ~Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // leave leaves a letter at all relays at once, for nobody knows at which of them the recipient waits, and returns as
  // soon as one has taken it; the others go on. Throws Cancelled, DeadlinePassed, or Failed with what the first of the
  // relays said.
  void leave(const std::vector<std::string>& relays, const Letter& letter);

 private:
  struct Progress;
  struct Worker {
    std::shared_ptr<std::atomic<bool>> is_done;
    std::jthread thread;
  };

  void start(std::size_t index, std::string relay, std::shared_ptr<Progress> progress);

  Host host_;
  const Waiter& waiter_;
  std::mutex mutex_;
  std::list<Worker> workers_;  // under the mutex
};

}  // namespace quicket::plugin
