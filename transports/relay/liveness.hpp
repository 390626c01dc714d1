#pragma once

#include <quicket/time.hpp>

#include <chrono>
#include <optional>

namespace quicket::transports {

// Liveness decides when a relay's leg has gone quiet in a way that is worth one question to the relay: datagrams went
// out and nothing came back for `silence`, or what came in stopped `quiet_after` ago. It asks once; the next time is
// after traffic has resumed: a datagram from a peer, or one to a peer after a pause of `quiet_after`.
class Liveness {
 public:
  struct Timing {
    Duration silence = std::chrono::milliseconds(250);
    Duration quiet_after = std::chrono::seconds(1);
  };

  explicit Liveness(Timing timing) : timing_(timing) {}

  // set_silence follows the leg's round trip.
  void set_silence(Duration silence) noexcept { timing_.silence = silence; }

  void on_sent(TimePoint now);      // datagrams to peers
  void on_received(TimePoint now);  // a datagram from a peer
  void on_answer();                 // the relay itself answered something

  std::optional<TimePoint> deadline() const;
  // on_deadline says whether the question is due.
  bool on_deadline(TimePoint now);

  // reset: another leg.
  void reset() { *this = Liveness(timing_); }

 private:
  Timing timing_;
  bool armed_ = false;
  std::optional<TimePoint> traffic_at_;        // last, either way
  std::optional<TimePoint> unanswered_since_;  // the first sent since anything was heard
  std::optional<TimePoint> received_at_;       // last
};

}  // namespace quicket::transports
