#pragma once

#include "core/quic/connection.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace quicket::quic::test {

using namespace std::chrono_literals;

inline Bytes seed_of(std::uint8_t value) { return Bytes(32, std::byte(value)); }
inline std::shared_ptr<const Credentials> credentials_of(std::uint8_t value) {
  return Credentials::from_ed25519(seed_of(value)).value();
}

inline Policy policy_of(Role role, std::uint8_t own, Verify verify) {
  return {.role = role,
          .cids = Schedule::create(seed_of(own), Owner::kPeer).value(),
          .tls = {.own = credentials_of(own), .verify = std::move(verify), .alpn = {"quicket/1"}, .server_name = {}},
          .reset_secret = seed_of(99)};
}

inline Verify anyone() {
  return [](const PeerCertificate&) -> Result<void> { return {}; };
}

// Pair is a client and a server on an in-memory wire in virtual time.
class Pair {
 public:
  static constexpr Duration kOneWay = 20ms;

  Pair() : Pair(policy_of(Role::kClient, 1, anyone()), policy_of(Role::kServer, 2, anyone())) {}
  Pair(Policy client_policy, Policy server_policy) : server_policy_(std::move(server_policy)) {
    client = Connection::connect(std::move(client_policy), label_path(1), now).value();
  }

  // run_until steps the world until `done` or `limit` has passed; says whether it was done.
  bool run_until(const std::function<bool()>& done, Duration limit = 10s) {
    const TimePoint end = now + limit;
    for (;;) {
      pump();
      if (done()) return true;
      pump();  // what done() may have written
      const auto next = next_time();
      if (!next || *next > end) {
        now = end;
        return false;
      }
      now = std::max(now, *next);
      deliver();
      for (Connection* connection : {client.get(), server.get()}) {
        if (connection && connection->deadline() && *connection->deadline() <= now) connection->on_deadline(now);
      }
    }
  }
  bool connect() {
    return run_until([&] { return server && client->is_handshake_confirmed() && server->is_handshake_confirmed(); });
  }
  void run_for(Duration duration) {
    run_until([] { return false; }, duration);
  }

  template <class E>
  std::vector<E> events_of(bool of_client) const {
    std::vector<E> found;
    for (const Event& event : of_client ? client_events : server_events) {
      if (const E* match = std::get_if<E>(&event)) found.push_back(*match);
    }
    return found;
  }

  TimePoint now{1h};
  std::unique_ptr<Connection> client, server;
  std::vector<Event> client_events, server_events;
  // drop says whether the datagram with this number (of all, from 0) is lost.
  std::function<bool(std::size_t)> drop = [](std::size_t) { return false; };
  std::size_t sent = 0;

 private:
  struct InFlight {
    TimePoint due;
    bool to_server;
    Path path;
    Bytes bytes;
  };

  void pump() {
    for (Connection* connection : {client.get(), server.get()}) {
      if (!connection) continue;
      auto& events = connection == client.get() ? client_events : server_events;
      while (auto event = connection->poll()) events.push_back(*event);
      Bytes buffer(64 * 1024);
      while (auto transmit = connection->transmit(buffer, 16, now)) {
        for (std::size_t at = 0; at < transmit->size; at += transmit->segment_size) {
          const auto size = std::min(transmit->segment_size, transmit->size - at);
          if (drop(sent++)) continue;
          const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(at);
          wire_.push_back({now + kOneWay, connection == client.get(), transmit->path,
                           Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))});
        }
      }
      while (auto event = connection->poll()) events.push_back(*event);
    }
  }

  std::optional<TimePoint> next_time() const {
    std::optional<TimePoint> next;
    const auto consider = [&](std::optional<TimePoint> time) {
      if (time && (!next || *time < *next)) next = time;
    };
    if (!wire_.empty()) consider(wire_.front().due);
    for (const Connection* connection : {client.get(), server.get()}) {
      if (connection) consider(connection->deadline());
    }
    return next;
  }

  void deliver() {
    while (!wire_.empty() && wire_.front().due <= now) {
      const InFlight datagram = std::move(wire_.front());
      wire_.pop_front();
      if (datagram.to_server && !server) {
        server = Connection::accept(server_policy_, datagram.path, datagram.bytes, now).value();
      }
      (datagram.to_server ? server : client)->receive(datagram.path, Ecn::kNotEct, datagram.bytes, now);
    }
  }

  Policy server_policy_;
  std::deque<InFlight> wire_;
};

}  // namespace quicket::quic::test
