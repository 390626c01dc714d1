#pragma once

#include "core/base/token_bucket.hpp"
#include "core/transport/sink.hpp"
#include "relay/forward/forwarder.hpp"
#include "relay/forward/held_flights.hpp"
#include "relay/table/routes.hpp"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace quicket::relay {

struct ForwardOptions {
  HoldLimits hold;
  // To a registration without a session, from all sources together.
  double open_packets_per_second = 20'000;
  double open_burst = 4'000;
};

// UserspaceForwarder forwards in user space: decide() over Routes, held first flights, rates, and a socket to send by.
// Datagrams go on unchanged, with their ECN mark, and runs of them for one place as one batch without a copy.
//
// The routes must have a change before apply() gets it, and must be the control plane's own or follow it: the
// accepter's first flight comes right behind its registration, so judge a socket's datagrams in order, and let `http3`
// handle each datagram (which may register, and so call apply()) before it returns. Where that happens on another
// thread, the flight is held for it. Thread safety: none; one per forwarding thread.
class UserspaceForwarder final : public Forwarder {
 public:
  using Http3 = std::function<void(const Received&, TimePoint)>;

  // UserspaceForwarder borrows the routes and the sink.
  UserspaceForwarder(const Routes& routes, DatagramSink& sink, Http3 http3, const ForwardOptions& options = {});

  // receive judges datagrams in order; what is to leave has left when it returns.
  void receive(std::span<const Received> datagrams, TimePoint now);

  // expire drops flights that were held for too long. deadline is when that is due.
  std::optional<TimePoint> deadline() const { return held_.deadline(); }
  void expire(TimePoint now);

  void apply(const RouteChange& change) override;
  std::vector<Activity> take_activity() override;
  ForwardCounters counters() const override { return counters_; }

 private:
  // Run is what waits to be sent as one batch: datagrams that lie behind one another in memory.
  struct Run {
    AddressPair addresses;
    quic::Ecn ecn = quic::Ecn::kNotEct;
    ByteView bytes;
    std::size_t segment_size = 0, segments = 0;
  };
  struct State {
    RegistrationId id;
    bool active = false;  // heard since take_activity()
    TimePoint heard;
    TokenBucket rate;
  };

  // judge gives the route that others of the same kind may take without being judged, until the routes change; nullptr:
  // none.
  const Route* judge(const Received& datagram, TimePoint now);
  void forward(const AddressPair& target, const Received& datagram);
  void flush();
  void note(RegistrationId id, TimePoint now);
  State& state(RegistrationId id);
  void drop(DropReason reason, std::uint64_t count = 1) {
    counters_.dropped[static_cast<std::size_t>(reason)] += count;
  }

  const Routes& routes_;
  DatagramSink& sink_;
  Http3 http3_;
  ForwardOptions options_;
  HeldFlights held_;
  Run run_;
  std::vector<State> states_;  // by slot
  std::vector<Slot> active_;
  ForwardCounters counters_;
};

}  // namespace quicket::relay
