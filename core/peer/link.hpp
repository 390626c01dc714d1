#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "core/peer/frozen_clock.hpp"
#include "core/peer/greeting.hpp"
#include "core/peer/leg_selector.hpp"
#include "core/peer/link_event.hpp"
#include "core/peer/policy.hpp"
#include "core/quic/connection.hpp"
#include "core/transport/transport.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quicket {

// Leg is one transport in use by a link.
struct Leg {
  Transport* transport = nullptr;  // outlives the link
  bool open = false;               // datagrams may go out on it
  bool granted = false;            // our connection IDs are routed to us
  std::optional<Failure> trouble;  // why perhaps not now, or not yet: an interruption or a refusal
  bool is_refused = false;         // that was the relay's answer
  bool is_given_up = false;        // for good: nothing is registered there any more
  std::string token_to_show;       // to this relay, from the offer that we accepted
  std::string token_for_offer;     // that this relay gave for whom we call
};

// Link is one connection between two peers, either role: the QUIC connection, its control stream, and the legs it runs
// on. How it begins differs: see Dial and Answer, which use it. No I/O; time is an argument. Thread safety: none.
class Link {
 public:
  // The window of registered connection IDs (docs/protocol.md "Connection IDs").
  static constexpr std::uint32_t kWindow = 64, kExtendAt = 32;
  // kUnreachableTimeout: what begins fails after so long where no relay answers: two rounds of attempts.
  static constexpr Duration kUnreachableTimeout = std::chrono::seconds(7);
  // kMaxRepeated datagrams are sent again, as they were, where what left by another leg may be missing.
  static constexpr std::size_t kMaxRepeated = 4;

  // Events of the application's streams that are kept until the link is connected; a peer that causes more breaks the
  // rules. All streams that it may open, opened, readable, reset and closed, are fewer.
  static constexpr std::size_t kMaxEarlyEvents = 1024;

  // `key` is this connection's own: its public half makes the connection IDs. `greet_early`: the HELLO need not wait
  // for the end of the handshake (an accepter whose offer was sealed). `pairing`: on first contact; the link is
  // connected only once the other side has proved that it has the offer.
  Link(std::unique_ptr<quic::Connection> connection, Identity key, SessionSecret session,
       std::shared_ptr<PeerCheck> check, LinkOptions options, bool greet_early, std::optional<Pairing> pairing = {});

  // handshake_path is the path inside QUIC that a link begins on (docs/protocol.md "Paths").
  static quic::Path handshake_path() { return quic::label_path(1); }

  // add_leg registers at a transport; `token` is the one that the offer has for it. drop_ungranted_legs gives those up
  // that have not granted anything.
  void add_leg(Transport& transport, std::string token, TimePoint now);
  void drop_ungranted_legs(TimePoint now);
  // be_patient: from now on a relay that is away for a moment does not end the beginning; one that refuses for good
  // does.
  void be_patient() noexcept { patient_ = true; }
  void on_report(Transport& transport, const TransportReport& report, TimePoint now);

  // receive feeds a datagram that came in on `leg`, and says whether it was authentic.
  bool receive(Transport& transport, quic::Ecn ecn, ByteView datagram, TimePoint now);
  void transmit(MutableByteView buffer, DatagramSink& sink, TimePoint now);
  // take_flight writes what is to be said first, at most kMaxRepeated datagrams, and stops the clock. They leave on
  // each leg once it opens, and with each repeat_flight().
  void take_flight(TimePoint now);
  void repeat_flight() { selector_.owe_all(); }
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  // settle moves the connection's events on; to be called after anything was done to the link or its connection.
  void settle(TimePoint now);
  std::optional<LinkEvent> poll();

  // close ends the link with an application's code below kEngineCodes. fail ends it without a word to the other side.
  void close(std::uint64_t code, std::string_view text, TimePoint now);
  void fail(Failure why, TimePoint now);
  // is_finished: nothing more happens; the registrations can be released.
  bool is_finished(TimePoint now) const;
  void release(TimePoint now);

  quic::Connection& connection() noexcept { return *connection_; }
  const quic::Connection& connection() const noexcept { return *connection_; }
  FrozenClock& clock() noexcept { return clock_; }
  const FrozenClock& clock() const noexcept { return clock_; }
  const std::vector<Leg>& legs() const noexcept { return legs_; }
  // leg_in_use is where datagrams leave, as long as that is one leg; nullptr before that is known, and while none
  // works.
  const Leg* leg_in_use() const;
  // unfinished is what to say when the handshake takes too long, unregistered when no relay has granted anything.
  Failure unfinished() const;
  Failure unregistered() const;
  // peer is whom the link expects, or whom it met where it expects nobody; nothing before that.
  const std::optional<PeerId>& peer() const noexcept { return check_->expected ? check_->expected : check_->seen; }
  bool is_connected() const noexcept { return connected_; }
  bool has_ended() const noexcept { return ended_; }
  const PeerId::Key& key() const noexcept { return key_.id().key(); }  // of the connection, by which transports name it
  // take_issued and take_retired tell which IDs datagrams to this link carry: what has changed since the last call.
  std::vector<ConnectionId> take_issued();
  std::vector<ConnectionId> take_retired();
  void push(LinkEvent event) { events_.push_back(std::move(event)); }

 private:
  // settle with statistics that are as new as the connection's events.
  void settle(const quic::Connection::Statistics& statistics, TimePoint now);
  void on(const quic::Event& event, TimePoint now);
  void connect_if_ready(TimePoint now);
  void refuse_pairing(TimePoint now);
  void violate(std::uint64_t code, Errc error, std::string_view text, TimePoint now);
  std::string name_of_peer() const;
  void give_up_without_a_way(TimePoint now);
  void take_grant(LegSelector::Leg position, const Granted& granted, TimePoint now);
  void give_up(LegSelector::Leg position, Failure why, TimePoint now);
  bool has_no_way() const;
  void remember(const Batch& batch);
  void repeat_what_is_owed(DatagramSink& sink, TimePoint now);
  void hold_window(TimePoint now);
  void end(Failure why, bool by_us);
  Failure explain(const quic::CloseReason& reason) const;
  quic::Path path_of(ByteView datagram) const;
  bool is_dialer() const { return connection_->role() == quic::Role::kClient; }

  std::unique_ptr<quic::Connection> connection_;
  Identity key_;
  SessionSecret session_;
  std::shared_ptr<PeerCheck> check_;
  LinkOptions options_;
  FrozenClock clock_;

  std::vector<Leg> legs_;
  LegSelector selector_;         // knows the legs by their positions in legs_
  std::uint64_t in_flight_ = 0;  // bytes, when the connection was last settled
  struct Sent {
    quic::Ecn ecn = quic::Ecn::kNotEct;
    Bytes bytes;
  };
  Fifo<Sent> sent_;  // last, at most kMaxRepeated; empty when nothing is in flight
  std::uint32_t window_first_ = 1, window_end_ = 1 + kWindow;

  Greeting greeting_;
  std::optional<TimePoint> hello_deadline_;
  TimePoint began_{};
  std::optional<TimePoint> no_way_deadline_;
  bool patient_ = false, connected_ = false, ended_ = false;

  Fifo<LinkEvent> events_;
  Fifo<quic::Event> early_;  // of application streams, until the link is connected
  std::vector<ConnectionId> issued_, retired_;
};

}  // namespace quicket
