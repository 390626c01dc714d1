#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "core/transport/transport.hpp"
#include "transports/relay/connector.hpp"
#include "transports/relay/exchanges.hpp"
#include "transports/relay/liveness.hpp"
#include "transports/relay/registration.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace quicket::transports {

// RelayClient is the path through one relay over UDP: it connects by HTTP/3, keeps registrations alive, notices that
// the relay or our address is another one, and registers again. It does no I/O: datagrams and time come in as
// arguments.
//
//   datagrams from remote() that are for no peer's ID:  receive(received, now)
//   datagrams from remote() that a peer's ID got:       on_peer_datagram(size, now)
//   at deadline():                                      on_deadline(now)
//   after any call:                                     report() until empty, then transmit()
//
// What is "for no peer's ID" must include what looks like nothing at all: a stateless reset has a random connection ID.
// Opened comes once per HTTP/3 connection, so again after Interrupted.
// Thread safety: none; one thread at a time.
class RelayClient final : public Transport {
 public:
  struct Statistics {
    std::uint64_t attempts = 0;            // handshakes begun
    std::uint64_t connections = 0;         // handshakes completed
    std::uint64_t interruptions = 0;       // connections lost
    std::uint64_t questions = 0;           // HTTP requests
    std::uint64_t checks = 0;              // because the leg had gone quiet
    std::uint64_t sent = 0, received = 0;  // peers' datagrams
    std::uint64_t sent_bytes = 0, received_bytes = 0;
    std::uint64_t dropped = 0;          // peers' datagrams before Opened
    std::uint64_t dropped_reports = 0;  // that nobody took
  };

  // RelayClient connects to nobody yet: that takes a registration. `target` is_complete().
  RelayClient(RelayTarget target, RelayClientConfig config);

  // Transport. hold() refuses for good: a window without IDs, more than max_registrations, and all after close().
  void hold(const Registration& registration, TimePoint now) override;
  void release(const PeerId::Key& key, TimePoint now) override;
  std::optional<TransportReport> report() override;
  void send(const Batch& batch, DatagramSink& sink, TimePoint now) override;
  RelayHint hint() const override { return hint_; }

  // exchange sends a request of the owner's own, when there is a connection; its end comes by exchanged(), unless it is
  // cancelled: the relay's answer, whatever its status, or kHttpDeadline, kRelayUnreachable and the like.
  ExchangeId exchange(RelayExchange exchange, TimePoint now);
  void cancel_exchange(ExchangeId id, TimePoint now);
  std::optional<RelayExchanges::Done> exchanged() { return exchanges_.poll(); }

  // check asks the relay for a sign of life, and registers again without one: for when the host's network has changed.
  void check(TimePoint now);
  // close releases what is held and ends the connection, in RelayTiming::close_patience at most.
  void close(TimePoint now);
  bool is_finished(TimePoint now) const;

  // owns tells the connection IDs of our HTTP/3 connections.
  bool owns(const ConnectionId& id) const;
  void receive(const Received& received, TimePoint now);
  void on_peer_datagram(std::size_t bytes, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // remote is where the relay was reached last; nullopt before that. While connecting, receive() takes datagrams from
  // all addresses of the target.
  const std::optional<Address>& remote() const noexcept { return remote_; }
  const RelayTarget& target() const noexcept { return target_; }
  bool is_connected() const noexcept { return leg_ && !leaving_leg_; }
  // is_idle: nothing is registered or on its way.
  bool is_idle() const noexcept { return registrations_.empty() && questions_.empty() && exchanges_.empty(); }
  // round_trip is to the relay, by QUIC's estimate; zero before the first connection.
  Duration round_trip() const;
  Statistics statistics() const;

 private:
  struct Entry {
    RelayRegistration registration;
    std::optional<TimePoint> timer;  // as it stands in timers_
    bool is_queued = false;          // stands in queue_
  };
  using Entries = std::map<PeerId::Key, Entry>;
  struct Question {
    enum class About { kRegistration, kInfo, kExchange };
    About about = About::kRegistration;
    PeerId::Key key{};  // kRegistration
  };

  // The connection (client_connection.cpp).
  void pump(TimePoint now);
  void take_connector_events(TimePoint now);
  void take_leg_events(TimePoint now);
  void adopt(std::unique_ptr<RelayLeg> leg, TimePoint now);
  void lose_leg(const Failure& why, TimePoint now);
  void connect_if_wanted(TimePoint now);
  bool is_stable(TimePoint now) const;
  void on_round_failed(const Connector::RoundFailed& failed, TimePoint now);
  void on(const Http3Client::Ready&, TimePoint) {}
  void on(const Http3Client::ResponseArrived& event, TimePoint now);
  void on(const Http3Client::RequestFailed& event, TimePoint now);
  void on(const Http3Client::GoingAway& event, TimePoint now);
  void on(const Http3Client::Closed& event, TimePoint now);
  void on(const quic::ConnectionIdIssued&, TimePoint) {}
  void on(const quic::ConnectionIdRetired&, TimePoint) {}
  void check_idle(TimePoint now);
  void check_closing(TimePoint now);
  std::optional<TimePoint> unanswered_deadline() const;
  Duration silence() const;
  Duration patience() const;

  // The owner's requests (client_exchanges.cpp).
  void ask_exchanges(TimePoint now);
  void expire_exchanges(TimePoint now);

  // The registrations (client_registrations.cpp).
  void ask(TimePoint now);
  bool ask_one(Entry& entry, TimePoint now);
  void ask_info(TimePoint now);
  void settle(const PeerId::Key& key, Entry& entry, TimePoint now);
  void erase(const PeerId::Key& key);
  void on_timers(TimePoint now);
  void on_timer(const PeerId::Key& key, TimePoint now);
  void on_verdict(const PeerId::Key& key, RelayRegistration::Verdict verdict, TimePoint now);
  void on_grant(const PeerId::Key& key, const Grant& grant);
  void on_info(const HttpResponse* response, TimePoint now);
  void refuse_all(const Failure& why, TimePoint now);
  void push(TransportReport report);
  std::optional<RelayPin> session_pin() const;
  RelaySessionId session_of(const Registration& registration) const;

  RelayTarget target_;
  RelayClientConfig config_;
  RequestFrame frame_;

  Connector connector_;
  std::unique_ptr<RelayLeg> leg_;  // handshake completed
  bool leaving_leg_ = false;       // the relay said that it goes: no new request on leg_
  bool was_useful_ = false;        // leg_: something was granted, or answered well
  std::optional<Address> remote_;
  Duration last_round_trip_{};
  Liveness liveness_;
  bool flush_due_ = false;         // a request is to leave before peers' datagrams
  bool was_connected_ = false;     // the relay's certificate was once right
  std::optional<Failure> outage_;  // why there is no connection, as reported
  std::optional<TimePoint> wrong_certificate_since_;
  std::optional<TimePoint> linger_until_;
  bool is_closing_ = false;
  std::optional<TimePoint> close_deadline_;

  Entries registrations_;
  Fifo<PeerId::Key> queue_;  // may want to ask
  RelayExchanges exchanges_;
  std::set<std::pair<TimePoint, PeerId::Key>> timers_;
  std::map<RequestId, Question> questions_;   // in flight on leg_
  TimePoint heard_{}, asked_{};               // last: anything authentic on leg_, a question
  bool info_asked_ = false;                   // on leg_
  bool info_known_ = false;                   // or given up
  std::vector<TransportReport> before_info_;  // Granted that waits for the relay's info
  bool is_open_ = false;                      // Opened was reported for something that is still held
  RelayHint hint_;

  Fifo<TransportReport> reports_;
  Statistics statistics_;
};

}  // namespace quicket::transports
