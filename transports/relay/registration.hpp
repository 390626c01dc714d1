#pragma once

#include <quicket/address.hpp>
#include <quicket/time.hpp>

#include "core/transport/transport.hpp"
#include "transports/relay/lease_upkeep.hpp"
#include "transports/relay/request.hpp"

#include <optional>

namespace quicket::transports {

// RelayRegistration is one registration at one relay: which request it wants next, and what the answers make of it. It
// does no I/O. "Connection" is the HTTP/3 connection, which may be another one from time to time; nothing is asked
// without one.
class RelayRegistration {
 public:
  struct Timing {
    double refresh_at = 0.5;                                  // of the lease
    Duration retry_pause = std::chrono::seconds(5);           // after a refusal for now without a time
    Duration shortest_retry_pause = std::chrono::seconds(1);  // whatever time it names; both double with each one more
    Duration longest_retry_pause = std::chrono::minutes(2);
  };
  // Question is a request to send.
  struct Question {
    enum class Kind { kRegister, kRelease };
    Kind kind = Kind::kRegister;
    IdWindow window;          // kRegister
    bool with_proof = false;  // the first on this connection
  };
  // Verdict is what an answer means for the owner.
  enum class Verdict {
    kNothing,  // nothing new; another question may be wanted
    kGranted,  // there is something new to report: granted(), observed()
    kRefused,  // for now: why() says why
    kOver,     // refused for good (why()), or released
  };

  RelayRegistration(const Registration& wanted, Timing timing);

  // change takes what the owner states now: the window grows and slides, and never the other way.
  void change(const Registration& wanted);
  // release: from now on it only wants to tell the relay, if that knows it.
  void release() noexcept { is_releasing_ = true; }
  // request_check: the registration is to be stated again at once, to see whether the relay is there.
  void request_check() noexcept { refresh_due_ = true; }

  bool wants_to_ask(TimePoint now) const;
  // ask gives the question; the caller sends it. `patience` is how long to wait for a sign of life from the relay.
  Question ask(Duration patience, TimePoint now);

  Verdict on_answer(const HttpResponse& answer, const std::string& relay, TimePoint now);
  // on_failure: the request failed, its connection did not.
  Verdict on_failure(const Failure& why, TimePoint now);
  // on_connection_lost says whether there was anything to lose.
  bool on_connection_lost();
  // on_new_connection: the old one was given up for a better one. All is to be stated anew, but nothing is lost so far.
  void on_new_connection();

  std::optional<TimePoint> deadline() const;
  // on_deadline: kRegisterAgain means that the question has no sign of life to show for in its patience.
  LeaseUpkeep::Action on_deadline(TimePoint now);
  // on_arrival: the relay has the question; go on waiting for the answer.
  void on_arrival();

  const Registration& wanted() const noexcept { return wanted_; }
  bool is_asking() const noexcept { return asked_.has_value(); }
  bool is_opened() const noexcept { return opened_; }  // asked for on this connection
  bool is_held() const noexcept { return grant_.has_value(); }
  bool is_releasing() const noexcept { return is_releasing_; }
  const std::optional<Grant>& grant() const noexcept { return grant_; }
  const Failure& why() const noexcept { return why_; }

 private:
  IdWindow window() const noexcept { return {.first = wanted_.first, .num = wanted_.num}; }
  bool waits_to_retry(TimePoint now) const noexcept { return retry_at_ && now < *retry_at_; }
  Verdict on_grant(Grant grant, TimePoint now);
  Verdict on_denial(const Denial& denial, TimePoint now);
  Verdict on_released();

  Registration wanted_;
  Timing timing_;
  bool is_releasing_ = false;
  bool opened_ = false;
  bool proven_ = false;  // a request with proof was sent on this connection
  bool refresh_due_ = false;
  bool report_due_ = true;           // the next grant is news
  std::optional<Question> asked_;    // in flight
  std::optional<IdWindow> settled_;  // was asked for, and answered with a grant
  std::optional<Grant> grant_;
  std::optional<LeaseUpkeep> lease_;  // of what was granted on this connection
  std::optional<TimePoint> retry_at_;
  int refusals_ = 0;  // in a row
  Failure why_;
};

}  // namespace quicket::transports
