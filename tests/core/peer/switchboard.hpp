#pragma once

#include "core/peer/host.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace quicket::test {

using namespace std::chrono_literals;

// Switchboard is a place where two hosts meet, in memory and in virtual time: what a relay does, without its protocol.
// A port is one host's transport to it.
class Switchboard {
 public:
  static constexpr Duration kOneWay = 20ms;

  class Port final : public Transport {
   public:
    Port(Switchboard& board, Host& host) : board_(board), host_(host) {}

    void hold(const Registration& registration, TimePoint) override {
      const auto schedule = Schedule::create(registration.key.id().key(), Owner::kPeer).value();
      for (std::uint32_t counter = registration.first; counter < registration.first + registration.num; ++counter) {
        board_.routes_[schedule.at(counter)] = this;
      }
      const PeerId::Key key = registration.key.id().key();
      const bool known = std::ranges::find(held, key) != held.end();
      if (!known) held.push_back(key);
      if (!known && !mute) reports_.push_back(Opened{key});
      if (!mute) {
        reports_.push_back(Granted{
            key, registration.first, registration.first + registration.num, Address::loopback(1), 2 * kOneWay, {}});
      }
    }
    void release(const PeerId::Key& key, TimePoint) override { std::erase(held, key); }
    std::optional<TransportReport> report() override {
      if (reports_.empty()) return std::nullopt;
      auto report = std::move(reports_.front());
      reports_.pop_front();
      return report;
    }
    void send(const Batch& batch, DatagramSink&, TimePoint sent) override {
      for (std::size_t at = 0; at < batch.bytes.size(); at += batch.segment_size) {
        board_.carry(to_bytes(batch.bytes.subspan(at, std::min(batch.segment_size, batch.bytes.size() - at))), sent);
      }
    }
    RelayHint hint() const override {
      return {.addresses = {Address::loopback(4433)}, .pin = RelayPin{}, .host = {}, .peer_token = {}};
    }

    void refuse(const PeerId::Key& key, Failure why, bool final) {
      reports_.push_back(Refused{key, std::move(why), final});
    }

    void grant(const PeerId::Key& key) {
      reports_.push_back(Granted{key, 1, 65, Address::loopback(1), 2 * kOneWay, {}});
    }

    std::vector<PeerId::Key> held;
    bool mute = false;  // answers no registration

   private:
    friend class Switchboard;
    Switchboard& board_;
    Host& host_;
    std::deque<TransportReport> reports_;
  };

  // Guest is somebody at this place who is no host.
  class Guest {
   public:
    virtual ~Guest() = default;
    virtual void receive(ByteView datagram, TimePoint now) = 0;
    virtual std::optional<TimePoint> deadline() const = 0;
    virtual void on_deadline(TimePoint now) = 0;
    virtual void settle(TimePoint now) = 0;  // send what may be sent now
  };
  // join lets a guest take part, who then gets what is for these IDs; it leaves with the board.
  void join(Guest& guest, const std::vector<ConnectionId>& ids) {
    guests_.push_back(&guest);
    for (const ConnectionId& id : ids) routes_[id] = &guest;
  }
  // send is what a guest sends.
  void send(Bytes datagram) { carry(std::move(datagram), now); }

  Port& plug(Host& host) { return *ports_.emplace_back(std::make_unique<Port>(*this, host)); }

  // run_until steps the world until `done` or `limit` has passed; says whether it was done.
  bool run_until(const std::function<bool()>& done, Duration limit = 10s) {
    const TimePoint end = now + limit;
    for (;;) {
      settle();
      if (done()) return true;
      settle();
      std::optional<TimePoint> next;
      const auto consider = [&](std::optional<TimePoint> when) {
        if (when && (!next || *when < *next)) next = when;
      };
      if (!wire_.empty()) consider(wire_.front().due);
      for (const auto& port : ports_) consider(port->host_.deadline());
      for (const Guest* guest : guests_) consider(guest->deadline());
      if (!next || *next > end) {
        now = end;
        return false;
      }
      now = std::max(now, *next);
      while (!wire_.empty() && wire_.front().due <= now) {
        const InFlight datagram = std::move(wire_.front());
        wire_.pop_front();
        if (Guest* const* guest = std::get_if<Guest*>(&datagram.to)) {
          (*guest)->receive(datagram.bytes, now);
        } else {
          inject(*std::get<Port*>(datagram.to), datagram.bytes);
        }
      }
      for (const auto& port : ports_) port->host_.on_deadline(now);
      for (Guest* guest : guests_) guest->on_deadline(now);
    }
  }
  void run_for(Duration duration) {
    run_until([] { return false; }, duration);
  }

  // inject brings a datagram to a port's host as if it came in now.
  void inject(Port& to, ByteView bytes) {
    to.host_.receive(to, {.addresses = {}, .ecn = quic::Ecn::kNotEct, .bytes = bytes}, now);
  }

  TimePoint now{1h};
  std::function<bool(std::size_t)> drop = [](std::size_t) { return false; };  // by number, from 0
  std::size_t carried = 0;
  std::vector<Bytes> seen;  // every datagram that was sent
  std::map<Host*, std::vector<std::pair<LinkId, LinkEvent>>> events;

 private:
  using Receiver = std::variant<Port*, Guest*>;
  struct InFlight {
    TimePoint due;
    Receiver to;
    Bytes bytes;
  };
  struct NoSink final : DatagramSink {
    void send(const AddressPair&, const Batch&) override {}
  };

  void carry(Bytes bytes, TimePoint when) {
    seen.push_back(bytes);
    if (drop(carried++)) return;
    const auto header = parse_header(bytes, ConnectionId::kDefaultLength);
    const auto route = header ? routes_.find(header->destination) : routes_.end();
    if (route != routes_.end()) wire_.push_back({when + kOneWay, route->second, std::move(bytes)});
  }
  void settle() {
    NoSink sink;
    for (const auto& port : ports_) {
      while (auto report = port->report()) port->host_.on_report(*port, *report, now);
      port->host_.transmit(sink, now);
      while (auto event = port->host_.poll()) events[&port->host_].push_back(std::move(*event));
    }
    for (Guest* guest : guests_) guest->settle(now);
  }

  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<Guest*> guests_;
  std::map<ConnectionId, Receiver> routes_;
  std::deque<InFlight> wire_;
};

}  // namespace quicket::test
