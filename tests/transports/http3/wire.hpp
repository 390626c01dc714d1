#pragma once

#include "core/transport/sink.hpp"

#include <quicket/time.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace quicket::transports::test {

using namespace std::chrono_literals;

// Node is what the wire drives: one client or server at one address.
struct Node {
  std::function<void(const Received&, TimePoint)> receive;
  std::function<void(DatagramSink&, TimePoint)> transmit;
  std::function<std::optional<TimePoint>()> deadline;
  std::function<void(TimePoint)> on_deadline;
};

// node_of adapts anything with these four functions; it is borrowed. `after` runs after each call.
template <class T>
Node node_of(T& end, std::function<void()> after) {
  return {[&end, after](const Received& received, TimePoint now) { end.receive(received, now), after(); },
          [&end, after](DatagramSink& sink, TimePoint now) { end.transmit(sink, now), after(); },
          [&end] { return end.deadline(); }, [&end, after](TimePoint now) { end.on_deadline(now), after(); }};
}

// Wire joins nodes by address, in virtual time. Datagrams to nobody are lost.
class Wire : public DatagramSink {
 public:
  TimePoint now{1h};
  Duration latency = 10ms;                                                    // one way
  std::function<bool(std::size_t)> drop = [](std::size_t) { return false; };  // by number in order of sending, from 0
  std::size_t sent = 0;                                                       // datagrams
  std::function<void(const Received&)> observe;                               // sees what is delivered

  std::map<Address, Address> outer;  // a NAT's mapping: inside to outside

  void attach(const Address& address, Node node) { nodes_[address] = std::move(node); }
  void detach(const Address& address) { nodes_.erase(address); }

  void send(const AddressPair& addresses, const Batch& batch) override {
    for (std::size_t at = 0; at < batch.bytes.size(); at += batch.segment_size) {
      if (drop(sent++)) continue;
      const auto mapped = outer.find(addresses.local);
      const Address from = mapped == outer.end() ? addresses.local : mapped->second;
      const ByteView piece = batch.bytes.subspan(at, std::min(batch.segment_size, batch.bytes.size() - at));
      in_flight_.emplace(now + latency, Datagram{{.local = addresses.remote, .remote = from}, to_bytes(piece)});
    }
  }

  // run_until steps the world until `done` or `limit` has passed; says whether it was done.
  bool run_until(const std::function<bool()>& done, Duration limit = 30s) {
    const TimePoint end = now + limit;
    for (;;) {
      flush();
      if (done()) return flush(), true;
      flush();  // what done() may have caused
      const auto next = next_time();
      if (!next || *next > end) {
        now = end;
        return false;
      }
      now = std::max(now, *next);
      step();
    }
  }
  void run_for(Duration duration) {
    run_until([] { return false; }, duration);
  }

 private:
  struct Datagram {
    AddressPair addresses;
    Bytes bytes;
  };

  void flush() {
    for (auto& [address, node] : nodes_) node.transmit(*this, now);
  }

  std::optional<TimePoint> next_time() const {
    std::optional<TimePoint> next;
    if (!in_flight_.empty()) next = in_flight_.begin()->first;
    for (const auto& [address, node] : nodes_) {
      if (const auto deadline = node.deadline(); deadline && (!next || *deadline < *next)) next = deadline;
    }
    return next;
  }

  void step() {
    while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
      Datagram datagram = std::move(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
      for (const auto& [inside, outside] : outer) {
        if (outside == datagram.addresses.local) datagram.addresses.local = inside;
      }
      const auto found = nodes_.find(datagram.addresses.local);
      if (found == nodes_.end()) continue;
      const Received received{datagram.addresses, quic::Ecn::kNotEct, datagram.bytes};
      if (observe) observe(received);
      found->second.receive(received, now);
    }
    for (auto& [address, node] : nodes_) {
      if (const auto deadline = node.deadline(); deadline && *deadline <= now) node.on_deadline(now);
    }
  }

  std::map<Address, Node> nodes_;
  std::multimap<TimePoint, Datagram> in_flight_;
};

}  // namespace quicket::transports::test
