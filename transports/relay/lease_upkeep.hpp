#pragma once

#include <quicket/time.hpp>

#include <chrono>
#include <optional>

namespace quicket::transports {

// LeaseUpkeep decides when one granted registration has to be refreshed or given up. It does no I/O: the caller reports
// what happened and asks deadline() when to come back. A question is any request that states the registration's window
// again: refresh, check or change.
//
//   state    leaves on                     to      caller
//   kHeld    refresh point                 kHeld   asks (on_deadline gives kRefresh)
//   kHeld    a question                    kAsked
//   kAsked   an answer                     kHeld
//   kAsked   no answer in its patience     kLost   connects and registers again
class LeaseUpkeep {
 public:
  enum class State { kHeld, kAsked, kLost };
  enum class Action { kNothing, kRefresh, kRegisterAgain };

  struct Timing {
    Duration lease = std::chrono::minutes(2);  // as granted by the relay
    double refresh_at = 0.5;                   // of the lease
  };

  LeaseUpkeep(TimePoint granted, Timing timing);

  // on_question: a question leaves now and is worth waiting `patience` for.
  void on_question(Duration patience, TimePoint now);
  // on_arrival: the question has arrived at the relay; its answer may take its time (the request has a deadline of its
  // own).
  void on_arrival();
  // on_grant: the relay granted the lease anew. Ignored when the lease is lost.
  void on_grant(TimePoint now);
  // on_refusal: the relay answered, but the lease goes on as it was; a refresh that is overdue comes at `retry`.
  void on_refusal(TimePoint now, TimePoint retry);
  // on_deadline: deadline() has passed.
  Action on_deadline(TimePoint now);

  // deadline is nullopt when nothing happens by itself.
  std::optional<TimePoint> deadline() const noexcept { return deadline_; }
  State state() const noexcept { return state_; }

 private:
  Timing timing_;
  State state_ = State::kHeld;
  TimePoint refresh_point_;
  std::optional<TimePoint> deadline_;
};

}  // namespace quicket::transports
