#pragma once

#include "relay/service/service.hpp"
#include "transports/http3/server.hpp"
#include "transports/relay/client.hpp"

#include "core/identity/proof.hpp"
#include "tests/transports/http3/wire.hpp"
#include "tests/transports/relay/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace quicket::transports::test {

inline const Address kRelayAddress = Address::parse("203.0.113.5:4433").value();
inline const Address kOtherRelayAddress = Address::parse("203.0.113.6:4433").value();
inline const Address kHome = Address::parse("198.51.100.1:1000").value();
inline const Address kAway = Address::parse("198.51.100.99:2000").value();

inline Bytes bytes_of(std::uint8_t value, std::size_t size = 32) { return Bytes(size, std::byte(value)); }

// peer_datagram is one that the relay takes for a peer's.
inline Bytes peer_datagram(std::size_t size = 200) {
  Bytes datagram(size, std::byte{0x11});
  datagram[0] = std::byte{0x41};
  return datagram;
}

// TestRelay is the real service behind the real HTTP/3 server. It forwards nothing: peers' datagrams are counted, and
// answered with one like them where `answers_peers` is set and they come from a registered address.
class TestRelay {
 public:
  // Intercept may answer in the service's place.
  using Intercept = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  explicit TestRelay(Wire& wire, const Address& address = kRelayAddress) : wire_(wire), address_(address) {
    credentials = quic::Credentials::from_ed25519(bytes_of(7)).value();
    start();
  }
  ~TestRelay() { stop(); }

  // start begins with an empty table; the reset secret is always the same.
  void start() {
    Http3ServerConfig config;
    config.credentials = credentials;
    config.reset_secret = bytes_of(8);
    config.limits = http_limits;
    table = std::make_unique<relay::RouteTable>(limits, [](const relay::RouteChange&) {});
    service = std::make_unique<relay::Service>(*table, options);
    server = Http3Server::create(std::move(config)).value();
    waiting_.clear();
    Node node;
    node.receive = [this](const Received& received, TimePoint now) { receive(received, now); };
    node.transmit = [this](DatagramSink& sink, TimePoint now) { transmit(sink, now); };
    node.deadline = [this] { return deadline(); };
    node.on_deadline = [this](TimePoint now) { on_deadline(now); };
    wire_.attach(address_, std::move(node));
  }
  void stop() { wire_.detach(address_); }
  void restart() {
    stop();
    start();
  }

  RelayPin pin() const {
    RelayPin pin;
    std::copy_n(credentials->spki_sha256().begin(), pin.size(), pin.begin());
    return pin;
  }

  std::optional<relay::RouteTable::Registration> find(const PeerId::Key& key) const {
    return table->find(relay::RegistrationKey::from(key).value());
  }
  // target_of is where datagrams for this key go.
  std::optional<Address> target_of(const PeerId::Key& key) const {
    const auto found = find(key);
    return found ? std::optional(found->target.remote) : std::nullopt;
  }

  std::shared_ptr<const quic::Credentials> credentials;
  relay::Limits limits;
  relay::ServiceOptions options;
  HttpLimits http_limits;
  Intercept intercept = [](const HttpRequest&) { return std::nullopt; };
  Duration thinks{};    // before each answer
  bool answers = true;  // requests
  bool answers_peers = false;

  std::unique_ptr<relay::RouteTable> table;
  std::unique_ptr<relay::Service> service;
  std::unique_ptr<Http3Server> server;
  std::vector<HttpRequest> requests;
  std::size_t registers = 0;  // POST /v1/register
  std::vector<std::pair<Address, Bytes>> peers;
  std::set<Address> seen_from;  // HTTP/3

 private:
  void receive(const Received& received, TimePoint now) {
    const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
    if (header && header->destination.belongs_to_peer()) return receive_peer(received);
    seen_from.insert(received.addresses.remote);
    server->receive(received, now);
    take_events(now);
  }

  void receive_peer(const Received& received) {
    const Address& from = received.addresses.remote;
    peers.emplace_back(from, to_bytes(received.bytes));
    const bool is_registered =
        std::ranges::any_of(keys_, [&](const PeerId::Key& key) { return target_of(key) == from; });
    if (answers_peers && is_registered) {
      wire_.send({.local = address_, .remote = from}, {.bytes = received.bytes, .segment_size = received.bytes.size()});
    }
  }

  void take_events(TimePoint now) {
    while (auto event = server->poll()) {
      if (auto* arrived = std::get_if<Http3Server::RequestArrived>(&*event)) on_request(*arrived, now);
      if (auto* moved = std::get_if<Http3Server::PathChanged>(&*event)) {
        service->path_changed(static_cast<relay::ConnectionHandle>(moved->connection), moved->path);
      }
      if (auto* closed = std::get_if<Http3Server::ConnectionClosed>(&*event)) {
        service->connection_closed(static_cast<relay::ConnectionHandle>(closed->connection));
      }
    }
  }

  void on_request(const Http3Server::RequestArrived& arrived, TimePoint now) {
    requests.push_back(arrived.request);
    if (arrived.request.path == "/v1/register") ++registers;
    if (!answers) return;
    relay::ClientContext client{.connection = static_cast<relay::ConnectionHandle>(arrived.connection),
                                .request = arrived.id,
                                .path = server->path(arrived.connection).value(),
                                .exporter = {}};
    client.exporter = [this, connection = arrived.connection](std::string_view label) {
      return server->exporter(connection, label, kProofExporterSize);
    };
    auto answer = intercept(arrived.request);
    if (!answer) answer = service->handle(arrived.request, client, now);
    if (answer) waiting_.emplace(now + thinks, std::pair(arrived.id, std::move(*answer)));
    take_late_answers(now);
    respond(now);
  }

  void take_late_answers(TimePoint now) {
    while (auto later = service->poll()) waiting_.emplace(now + thinks, std::move(*later));
  }

  void respond(TimePoint now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      auto [id, response] = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      static_cast<void>(server->respond(id, std::move(response), now));  // its connection may be gone
    }
  }

  void transmit(DatagramSink& sink, TimePoint now) {
    server->transmit(sink, now);
    take_events(now);
  }

  std::optional<TimePoint> deadline() const {
    std::optional<TimePoint> earliest = server->deadline();
    const auto consider = [&](std::optional<TimePoint> other) {
      if (other && (!earliest || *other < *earliest)) earliest = other;
    };
    consider(table->deadline());
    consider(service->deadline());
    if (!waiting_.empty()) consider(waiting_.begin()->first);
    return earliest;
  }

  void on_deadline(TimePoint now) {
    server->on_deadline(now);
    table->expire(now);
    service->on_deadline(now);
    take_late_answers(now);
    respond(now);
    take_events(now);
  }

  Wire& wire_;
  Address address_;
  std::multimap<TimePoint, std::pair<RequestId, HttpResponse>> waiting_;

 public:
  std::vector<PeerId::Key> keys_;  // whose datagrams are answered
};

// TestPeer is a RelayClient at one public address, which may change.
class TestPeer {
 public:
  TestPeer(Wire& wire, RelayTarget target, RelayClientConfig config = {}, const Address& address = kHome)
      : client(std::move(target), std::move(config)), address_(address), wire_(wire) {
    attach();
  }
  ~TestPeer() { wire_.detach(address_); }

  void move_to(const Address& address) {
    wire_.detach(address_);
    address_ = address;
    attach();
  }

  void hold(const Registration& one) { client.hold(one, wire_.now); }

  void send(const Bytes& datagram) { send(Batch{.bytes = datagram, .segment_size = datagram.size()}); }
  void send(const Batch& batch) {
    Presented sink(*this);
    client.send(batch, sink, wire_.now);
    take_reports();
  }

  template <class Report>
  std::vector<Report> all(const Registration& one) const {
    std::vector<Report> found;
    for (const TransportReport& report : reports) {
      const auto* match = std::get_if<Report>(&report);
      if (match && match->key == key_of(one)) found.push_back(*match);
    }
    return found;
  }
  template <class Report>
  std::size_t count(const Registration& one) const {
    return all<Report>(one).size();
  }

  RelayClient client;
  std::vector<TransportReport> reports;
  std::function<void(const TransportReport&)> on_report = [](const TransportReport&) {};
  bool keeps_reports = true;  // else they stay with the client
  std::size_t from_peers = 0;

 private:
  // Presented gives the datagrams their source address.
  class Presented : public DatagramSink {
   public:
    explicit Presented(TestPeer& peer) : peer_(peer) {}
    void send(const AddressPair& addresses, const Batch& batch) override {
      EXPECT_TRUE(addresses.local.is_unspecified());
      peer_.wire_.send({.local = peer_.address_, .remote = addresses.remote}, batch);
    }

   private:
    TestPeer& peer_;
  };

  void attach() {
    Node node;
    node.receive = [this](const Received& received, TimePoint now) {
      const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
      static const ConnectionId kPeer = parse_header(peer_datagram(), ConnectionId::kDefaultLength)->destination;
      if (header && header->destination == kPeer) {
        ++from_peers;
        client.on_peer_datagram(received.bytes.size(), now);
      } else {
        client.receive(received, now);
      }
      take_reports();
    };
    node.transmit = [this](DatagramSink&, TimePoint now) {
      Presented sink(*this);
      client.transmit(sink, now);
      take_reports();
    };
    node.deadline = [this] { return client.deadline(); };
    node.on_deadline = [this](TimePoint now) { client.on_deadline(now), take_reports(); };
    wire_.attach(address_, std::move(node));
  }

  void take_reports() {
    if (!keeps_reports) return;
    while (auto report = client.report()) {
      reports.push_back(*report);
      on_report(*report);
    }
  }

  Address address_;
  Wire& wire_;
};

inline RelayTarget target_of(const TestRelay& relay, std::vector<Address> addresses = {kRelayAddress}) {
  return {.addresses = std::move(addresses), .pins = {relay.pin()}, .host = "relay.test", .port = 4433};
}

}  // namespace quicket::transports::test
