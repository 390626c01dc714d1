#pragma once

#include "tests/transports/http3/world.hpp"

#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

namespace quicket::transports::test {

inline Bytes raw(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(std::byte(value));
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// kGetFields is the field section of "GET https://a/" (RFC 9204, static table only).
inline const Bytes kGetFields = raw({0x00, 0x00, 0xd1, 0xd7, 0xc1, 0x50, 0x01, 'a'});
inline Bytes frame(int type, const Bytes& payload) { return raw({type, static_cast<int>(payload.size())}) + payload; }
inline Bytes headers(const Bytes& fields = kGetFields) { return frame(1, fields); }
inline Bytes settings() { return frame(4, {}); }

// RawEnd is a QUIC connection that negotiates "h3" and then sends whatever a test writes.
class RawEnd {
 public:
  // A client of the server at kServerAddress.
  explicit RawEnd(Wire& wire, std::uint16_t number = 2000) : wire_(wire), address_(client_address(number)) {
    connection =
        quic::Connection::connect(policy(quic::Role::kClient), {.local = address_, .remote = kServerAddress}, wire.now)
            .value();
    attach();
  }
  // A server for one client.
  struct Server {};
  RawEnd(Wire& wire, Server) : wire_(wire), address_(kServerAddress) { attach(); }
  ~RawEnd() { wire_.detach(address_); }

  // connect waits until the handshake is confirmed.
  bool connect() {
    return wire_.run_until([&] { return connection && connection->is_handshake_confirmed(); });
  }

  quic::StreamId send(quic::Direction direction, const Bytes& bytes, bool fin = false) {
    const quic::StreamId id = connection->open_stream(direction).value();
    EXPECT_EQ(connection->write(id, bytes, fin).value(), bytes.size());
    return id;
  }
  quic::StreamId request(const Bytes& bytes, bool fin = true) {
    return send(quic::Direction::kBidirectional, bytes, fin);
  }
  quic::StreamId uni(const Bytes& bytes, bool fin = false) {
    return send(quic::Direction::kUnidirectional, bytes, fin);
  }

  // close_code waits for the other side to close and gives its application error code.
  std::optional<std::uint64_t> close_code() {
    wire_.run_until([&] { return connection->is_closed(); }, 5s);
    const auto& reason = connection->close_reason();
    if (!reason || reason->kind != quic::CloseReason::Kind::kApplication) return std::nullopt;
    return reason->code;
  }

  template <class E>
  std::vector<E> events_of() const {
    std::vector<E> found;
    for (const quic::Event& event : events) {
      if (const E* match = std::get_if<E>(&event)) found.push_back(*match);
    }
    return found;
  }

  std::unique_ptr<quic::Connection> connection;
  std::vector<quic::Event> events;
  std::map<quic::StreamId, Bytes> received;

 private:
  static quic::Policy policy(quic::Role role) {
    quic::Policy policy{.role = role,
                        .cids = Schedule::create(bytes_of(21), Owner::kHttp3).value(),
                        .tls = {.alpn = {"h3"}, .web_signatures = true},
                        .reset_secret = bytes_of(22)};
    if (role == quic::Role::kServer) policy.tls.own = quic::Credentials::from_ed25519(bytes_of(7)).value();
    if (role == quic::Role::kClient) policy.tls.verify = anyone();
    return policy;
  }

  void attach() {
    wire_.attach(address_,
                 {[this](const Received& received_datagram, TimePoint now) { receive(received_datagram, now); },
                  [this](DatagramSink& sink, TimePoint now) { transmit(sink, now); },
                  [this] { return connection && !connection->is_closed() ? connection->deadline() : std::nullopt; },
                  [this](TimePoint now) { connection->on_deadline(now), take_events(); }});
  }

  void receive(const Received& datagram, TimePoint now) {
    if (!connection) {
      auto accepted = quic::Connection::accept(policy(quic::Role::kServer), datagram.addresses, datagram.bytes, now);
      if (!accepted) return;
      connection = std::move(*accepted);
    }
    connection->receive(datagram.addresses, datagram.ecn, datagram.bytes, now);
    take_events();
  }

  void transmit(DatagramSink& sink, TimePoint now) {
    Bytes buffer(16 * 1200);
    while (connection) {
      const auto written = connection->transmit(buffer, 16, now);
      if (!written) break;
      sink.send(written->path, {.bytes = ByteView(buffer).first(written->size), .segment_size = written->segment_size});
    }
    if (connection) take_events();
  }

  void take_events() {
    while (auto event = connection->poll()) {
      if (const auto* readable = std::get_if<quic::StreamReadable>(&*event)) read(readable->id);
      events.push_back(*event);
    }
  }

  void read(quic::StreamId id) {
    Bytes buffer(4096);
    for (;;) {
      const auto got = connection->read(id, buffer);
      if (!got || (got->size == 0)) return;
      received[id].insert(received[id].end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size));
      if (got->fin) return;
    }
  }

  Wire& wire_;
  Address address_;
};

}  // namespace quicket::transports::test
