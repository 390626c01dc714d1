#pragma once

#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/transport/sink.hpp"
#include "transports/relay/backoff.hpp"
#include "transports/relay/leg.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace quicket::transports {

// Connector gets a leg to a relay. A round tries all its addresses, the last good one first, each with a head start on
// the next; the first handshake to complete wins. After a round without success comes a pause, then the next round,
// until stop(). Thread safety: none; one thread at a time.
class Connector {
 public:
  Connector(const RelayTarget& target, const RelayClientConfig& config);

  // start begins, or waits for the end of a pause; without effect while it is under way.
  void start(TimePoint now);
  void stop(TimePoint now);
  bool is_running() const noexcept { return running_; }
  // on_leg_lost: one that lived too short makes for a pause too, so that nothing is repeated in a loop.
  void on_leg_lost(bool was_stable, TimePoint now);

  // dismiss tells the other end that this leg is given up, with the next transmit(), and lets go of it.
  void dismiss(std::unique_ptr<RelayLeg> leg, TimePoint now);

  bool owns(const ConnectionId& id) const;
  void receive(const Received& received, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // take_ready gives the leg whose handshake is complete; with that, the work is done until the next start().
  std::unique_ptr<RelayLeg> take_ready(TimePoint now);
  // take_failure says why the last round failed.
  struct RoundFailed {
    Failure why;
    bool all_pins_refused = false;
  };
  std::optional<RoundFailed> take_failure();

  std::uint64_t attempts() const noexcept { return attempts_made_; }

 private:
  void begin_round(TimePoint now);
  void try_next(TimePoint now);
  void pump(TimePoint now);
  void fail(const Failure& why, bool pin_refused);
  void end_round(TimePoint now);

  RelayTarget target_;
  RelayClientConfig config_;
  Backoff backoff_;
  Duration patience_;
  bool running_ = false;
  std::optional<TimePoint> next_round_;  // set: a pause
  std::optional<TimePoint> next_try_;    // set: addresses are left
  std::size_t next_address_ = 0;
  std::uint64_t attempts_made_ = 0;
  std::vector<std::unique_ptr<RelayLeg>> attempts_;  // one per address at most
  std::unique_ptr<RelayLeg> ready_;
  std::vector<std::unique_ptr<RelayLeg>> leaving_;  // have a last word to say
  std::optional<RoundFailed> round_;                // of this round so far
  std::optional<RoundFailed> failure_;
};

}  // namespace quicket::transports
