#pragma once

#include <quicket/bytes.hpp>
#include <quicket/time.hpp>

#include "core/quic/types.hpp"
#include "relay/table/route.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace quicket::relay {

struct HoldLimits {
  Duration time = std::chrono::milliseconds(200);
  std::size_t datagrams = 8;            // of one session
  std::size_t bytes = 4 * 1024 * 1024;  // of all datagrams
  std::size_t total = 8192;             // datagrams
};

// HeldFlight is a copy of a datagram that came before its sender was known.
struct HeldFlight {
  Address from;
  quic::Ecn ecn = quic::Ecn::kNotEct;
  Bytes datagram;
};

// HeldFlights keeps the datagrams of an accepter whose first flight overtook its registration. They are kept for the
// waiting party's registration, by slot: a session that waits has just one. Time never goes back. Thread safety: none.
class HeldFlights {
 public:
  explicit HeldFlights(HoldLimits limits = {}) : limits_(limits) {}

  // hold copies a datagram; false when a bound is reached.
  bool hold(Slot to, const Address& from, quic::Ecn ecn, ByteView datagram, TimePoint now);
  // take removes and returns all that is held for `to`, in order of arrival.
  std::vector<HeldFlight> take(Slot to);

  // deadline is when expire() has something to do. expire drops what was held for long enough, and returns how many.
  std::optional<TimePoint> deadline() const;
  std::size_t expire(TimePoint now);

  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Item {
    TimePoint until;
    HeldFlight flight;
  };
  struct Wake {
    TimePoint at;
    Slot slot;
  };

  HoldLimits limits_;
  boost::unordered_flat_map<Slot, std::vector<Item>> held_;
  std::deque<Wake> wakes_;  // one per datagram held; outlives one that was taken, and counts until then
  std::size_t bytes_ = 0;
};

}  // namespace quicket::relay
