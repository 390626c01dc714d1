#pragma once

#include "quicket/v1/registration.pb.h"
#include "tests/sim/world.hpp"
#include "transports/http3/message.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quicket::sim {

// Bytes of HTTP/3 (RFC 9114) and QPACK (RFC 9204), right or wrong as the caller wants them.
namespace h3 {
Bytes varint(std::uint64_t value);
Bytes joined(std::initializer_list<Bytes> parts);
Bytes frame(std::uint64_t type, const Bytes& payload);
Bytes field(std::string_view name, std::string_view value);
// head is a HEADERS frame with this status.
Bytes head(int status, const std::vector<transports::HttpHeader>& fields = {});
// response is a whole one; the body's type is stated as protobuf unless `fields` states another.
Bytes response(int status, const std::vector<transports::HttpHeader>& fields = {}, const Bytes& body = {});
Bytes response(const google::protobuf::MessageLite& message);
}  // namespace h3

// HostileRelay is a relay in the hands of an enemy: QUIC and TLS are the real ones, HTTP/3 on it is written byte by
// byte, so that it may break every rule. It forwards nothing, and is good otherwise until turn().
class HostileRelay final : public Device {
 public:
  // Client is one connection of a client.
  struct Client {
    std::uint64_t number = 0;
    std::unique_ptr<quic::Connection> connection;
    quic::Path path;
    bool is_greeted = false;
    quic::StreamId control = -1;              // ours; -1: none
    std::map<quic::StreamId, Bytes> arrived;  // of requests that are not whole yet
    std::vector<quic::StreamId> asked;        // requests that are whole

    // say writes as much as is taken now, and tells whether the client still listens.
    bool say(quic::StreamId stream, const Bytes& bytes, bool fin = false);
  };
  // Question is one request: to register `wanted`, to release (num 0), or for the relay's info.
  struct Question {
    Client& client;
    quic::StreamId stream;
    v1::RegisterRequest wanted;
    bool is_info = false;
  };
  // Ways are what the enemy does to its clients: when one has connected, has asked, and every `beat` besides.
  struct Ways {
    std::function<void(HostileRelay&, Client&)> greet = [](HostileRelay&, Client& client) { greet_well(client); };
    std::function<void(HostileRelay&, const Question&)> answer = [](HostileRelay& relay, const Question& question) {
      relay.answer_well(question);
    };
    std::function<void(HostileRelay&, Client&)> go_on;
    Duration beat = 1s;
  };

  HostileRelay(World& world, DeviceId id);

  transports::RelayTarget target() const;
  Address address() const { return world_.network.own_address(id()); }
  // turn changes its ways from now on.
  void turn(Ways chosen);
  // change_certificate is for connections from now on; those that are there end.
  void change_certificate();

  // greet_well opens the control stream as HTTP/3 wants it. grant is what a good relay would answer.
  static void greet_well(Client& client);
  static void answer_info_well(const Question& question);
  v1::RegisterResponse grant(const Question& question) const;
  void answer_well(const Question& question);
  // later does something to this client after a while, if it is still there.
  void later(const Client& client, Duration pause, std::function<void(Client&)> what);

  TimePoint now() const { return world_.now(); }

  // What came from clients: handshakes begun, whole requests, and datagrams that are not for peers.
  std::uint64_t connections = 0, requests = 0, datagrams = 0;

  void receive(const Received& received) override;
  std::optional<TimePoint> deadline() const override;
  void on_deadline() override;
  void flush() override;

 private:
  struct Later {
    std::uint64_t client;
    std::function<void(Client&)> what;
  };
  quic::Policy policy();
  Client* find(const ConnectionId& id);
  Client* accept(const Received& received);
  void take_events(Client& client);
  void read(Client& client, quic::StreamId stream);
  void transmit(Client& client);

  Ways ways_;
  std::shared_ptr<const quic::Credentials> credentials_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::multimap<TimePoint, Later> later_;
  std::optional<TimePoint> next_beat_;
  std::uint64_t last_number_ = 0;
};

}  // namespace quicket::sim
