#include "relay/forward/held_flights.hpp"

#include <algorithm>

namespace quicket::relay {

bool HeldFlights::hold(Slot to, const Address& from, quic::Ecn ecn, ByteView datagram, TimePoint now) {
  if (bytes_ + datagram.size() > limits_.bytes || wakes_.size() >= limits_.total) return false;
  std::vector<Item>& items = held_[to];
  if (items.size() >= limits_.datagrams) return false;
  items.push_back({now + limits_.time, {from, ecn, to_bytes(datagram)}});
  wakes_.push_back({now + limits_.time, to});
  bytes_ += datagram.size();
  return true;
}

std::vector<HeldFlight> HeldFlights::take(Slot to) {
  std::vector<HeldFlight> flights;
  const auto held = held_.find(to);
  if (held == held_.end()) return flights;
  for (Item& item : held->second) {
    bytes_ -= item.flight.datagram.size();
    flights.push_back(std::move(item.flight));
  }
  held_.erase(held);
  return flights;
}

std::optional<TimePoint> HeldFlights::deadline() const {
  if (wakes_.empty()) return std::nullopt;
  return wakes_.front().at;
}

std::size_t HeldFlights::expire(TimePoint now) {
  std::size_t dropped = 0;
  for (; !wakes_.empty() && wakes_.front().at <= now; wakes_.pop_front()) {
    const auto held = held_.find(wakes_.front().slot);
    if (held == held_.end()) continue;
    dropped += std::erase_if(held->second, [&](const Item& item) {
      const bool over = item.until <= now;
      if (over) bytes_ -= item.flight.datagram.size();
      return over;
    });
    if (held->second.empty()) held_.erase(held);
  }
  return dropped;
}

}  // namespace quicket::relay
