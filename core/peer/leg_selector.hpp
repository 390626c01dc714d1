#pragma once

#include <quicket/time.hpp>

#include "core/quic/types.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace quicket {

// LegSelector decides on which of a link's legs datagrams leave. To QUIC all legs through relays are one path, so
// another choice costs no connection ID, no validation and no new congestion control; and while in doubt, every
// datagram can go out on several legs, of which the other side takes the first copy (docs/protocol.md "Paths").
//
//   state       datagrams leave on          until
//   kBeginning  all legs                    end_beginning(), the accepter a moment longer
//   kChosen     the chosen leg              it is lost, or falls silent though something is in flight
//   kTrouble    all legs                    the latest acknowledges what was in flight
//   kTrial      all legs                    the latest comes in after a while
//
// The dialer chooses: the leg by which the first copy came when it stops doubting. The accepter follows: it answers on
// the leg that last brought the latest datagram, and where an older one or a copy came a moment ago. An accepter in
// trouble tries the other legs first; what comes there tells the dialer that the chosen leg is not what it was.
//
// Legs are named by their position. No I/O; time is an argument. Thread safety: none.
class LegSelector {
 public:
  using Leg = std::size_t;

  // In flight and nothing acknowledged for so long is trouble; doubles while it lasts.
  static constexpr int kSilencePtos = 3;
  static constexpr Duration kShortestSilence = std::chrono::milliseconds(250);
  static constexpr Duration kLongestSilence = std::chrono::seconds(1);  // or one PTO
  // A leg that was given up is not chosen again for so long.
  static constexpr Duration kSuspicion = std::chrono::seconds(2);
  // An accepter answers for so long where a copy came.
  static constexpr Duration kCopyMemory = std::chrono::milliseconds(500);
  // What the accepter sent by other legs before it knew of the dialer's choice has arrived after so many PTOs.
  static constexpr int kStragglerPtos = 2;

  explicit LegSelector(quic::Role role) : role_(role) {}

  // add gives the next position to a leg, which is not open. remove takes one out: those behind it move up.
  void add() { legs_.emplace_back(); }
  void remove(Leg leg);

  // on_opened: datagrams can go out on this leg, perhaps again. on_closed: they cannot, for good.
  void on_opened(Leg leg);
  void on_closed(Leg leg, TimePoint now);
  // on_routed: the leg brings datagrams, perhaps again. on_interrupted: perhaps it no longer does.
  void on_routed(Leg leg, TimePoint now);
  void on_interrupted(Leg leg, TimePoint now);

  // on_arrival: `leg` brought a datagram that is authentic, and perhaps the latest that the other side sent, as
  // far as we know. `acknowledged`: with it, something is no longer in flight.
  void on_arrival(Leg leg, bool is_latest, bool acknowledged, TimePoint now);
  // on_flight follows what the connection has in flight; to be called after anything that may change it.
  void on_flight(bool is_in_flight, Duration pto, TimePoint now);
  // end_beginning: the other side needs nothing on all legs any more (a dialer), or soon will not (an accepter).
  void end_beginning(TimePoint now);

  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // uses says whether what is sent now leaves on this leg.
  bool uses(Leg leg, TimePoint now) const;
  // owe_all has the last datagrams repeated on all legs.
  void owe_all() { owe(std::nullopt); }
  // take_owed says, once, that the last datagrams are to be repeated on this leg.
  bool take_owed(Leg leg);
  // chosen is the leg in use, or in doubt.
  std::optional<Leg> chosen() const noexcept { return chosen_; }

 private:
  enum class State { kBeginning, kChosen, kTrouble, kTrial };
  struct Entry {
    bool is_open = false;
    bool is_owed = false;
    std::optional<TimePoint> heard_at;
    std::optional<TimePoint> suspect_until;
  };

  bool is_dialer() const noexcept { return role_ == quic::Role::kClient; }
  bool is_suspect(Leg leg, TimePoint now) const;
  bool is_other_open(std::optional<Leg> leg) const;
  Duration silence() const;
  void suspect(std::optional<Leg> leg, TimePoint now);
  void leave_beginning(TimePoint now);
  void choose(Leg leg, TimePoint now);
  void try_all(TimePoint until);
  void owe(std::optional<Leg> all_but);

  quic::Role role_;
  std::vector<Entry> legs_;
  State state_ = State::kBeginning;
  std::optional<Leg> chosen_;
  TimePoint doubt_after_{};                   // what comes by another leg tells something from then on
  std::optional<TimePoint> beginning_until_;  // kBeginning, once that is known
  std::optional<Leg> avoided_;                // kTrouble
  TimePoint trial_until_{};                   // kTrial
  std::optional<TimePoint> unacknowledged_since_;
  Duration pto_{};   // when all was well
  int firings_ = 0;  // of the deadline, since something was acknowledged
};

}  // namespace quicket
