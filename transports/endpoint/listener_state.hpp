#pragma once

#include <quicket/carrier.hpp>
#include <quicket/connection.hpp>
#include <quicket/endpoint_options.hpp>
#include <quicket/offer.hpp>

#include "transports/endpoint/carrier_call.hpp"
#include "transports/endpoint/pending.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace quicket::detail {

// Answerer judges offers and answers them: what a listener needs of its endpoint.
class Answerer {
 public:
  struct Accepted {
    OperationId attempt;
    PeerId from;
    OfferKind kind;
  };
  // Judged gets the verdict, once. Done gets the result of an accepted attempt, once, unless that is cancelled before.
  using Judged = std::function<void(Outcome<Accepted>)>;
  using Done = std::function<void(Outcome<Connection>)>;

  virtual ~Answerer() = default;
  virtual void answer(Bytes offer, const AcceptOptions& options, Judged judged, Done done) = 0;
  virtual void cancel_attempt(OperationId attempt) = 0;
};

// ListenerState receives offers over carriers, has them answered, and keeps the connections until they are asked for.
// Thread safety: all on the strand. `answerer` outlives what it does.
class ListenerState : public std::enable_shared_from_this<ListenerState> {
 public:
  static constexpr std::size_t kRemembered = 1024;  // offers, to notice a second copy

  // `backlog`: so many attempts and connections at once.
  ListenerState(const Strand& strand, Answerer& answerer, AcceptOptions options, std::size_t backlog);

  void start(std::vector<Carrier> carriers);
  void accept(OperationId id, Pending<Outcome<Connection>> pending);
  void cancel(OperationId id);
  // stop cancels carriers and attempts, closes what nobody took, and tells who waits why. drop does the same and calls
  // nobody.
  void stop(const Failure& why);
  void drop();

 private:
  struct Waiting {
    OperationId id;
    Pending<Outcome<Connection>> pending;
  };
  struct Held {  // an offer in its carrier's hand, which brings no other before this is answered
    std::string carrier;
    Bytes offer;
    OfferReply reply;
  };

  void on_offer(Held held);
  void on_judged(const Held& held, const Outcome<Answerer::Accepted>& verdict);
  void on_attempt_done(OperationId attempt, const PeerId& from, Outcome<Connection> outcome);
  void on_carrier_done(const std::string& carrier, const Outcome<>& outcome);
  // end is what those who wait are told when all carriers have ended.
  Failure end() const;
  bool is_new(const OfferId& id);
  void serve();
  void tell(Progress progress);

  Strand strand_;
  Answerer& answerer_;
  AcceptOptions options_;
  std::size_t backlog_;
  std::vector<CarrierCall> calls_;
  std::size_t receiving_ = 0;                               // carriers that have not ended
  std::optional<Failure> carrier_failure_, offer_failure_;  // the latest of each
  bool has_connected_ = false;
  std::deque<Held> held_;
  std::size_t judging_ = 0;
  std::set<OperationId> attempts_;
  std::deque<Connection> ready_;
  std::list<Waiting> waiting_;
  std::set<OfferId> seen_;
  std::deque<OfferId> seen_order_;
  bool stopped_ = false;
};

}  // namespace quicket::detail
