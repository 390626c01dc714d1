#pragma once

#include <quicket/time.hpp>

#include "relay/forward/decide.hpp"
#include "relay/table/route.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace quicket::relay {

// ForwardCounters are running totals, in datagrams where not stated otherwise.
struct ForwardCounters {
  std::uint64_t forwarded = 0;
  std::uint64_t forwarded_bytes = 0;
  std::uint64_t held = 0;      // each is counted as forwarded or dropped later
  std::uint64_t released = 0;  // of those held
  std::uint64_t http3 = 0;
  std::array<std::uint64_t, kDropReasons> dropped{};  // by DropReason

  std::uint64_t drops(DropReason reason) const noexcept { return dropped[static_cast<std::size_t>(reason)]; }
};

// Activity is a registration's latest sign of life; see RouteTable::heard().
struct Activity {
  RegistrationId id;
  TimePoint at;
};

// Forwarder is one forwarding plane, as the control plane sees it: user space, or XDP.
class Forwarder {
 public:
  virtual ~Forwarder() = default;

  // apply brings in one change of a RouteTable; in its order.
  virtual void apply(const RouteChange& change) = 0;
  // take_activity gives the signs of life since it was called last. Call it before RouteTable::expire(), at least every
  // second while packets flow.
  virtual std::vector<Activity> take_activity() = 0;
  virtual ForwardCounters counters() const = 0;
};

}  // namespace quicket::relay
