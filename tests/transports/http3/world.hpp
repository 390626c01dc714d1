#pragma once

#include "transports/http3/client.hpp"
#include "transports/http3/server.hpp"

#include "tests/transports/http3/wire.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace quicket::transports::test {

inline const Address kServerAddress = Address::parse("192.0.2.1:443").value();
inline Address client_address(std::uint16_t number) {
  return Address::parse("198.51.100.1:1000").value().with_port(number);
}

inline Bytes bytes_of(std::uint8_t value, std::size_t size = 32) { return Bytes(size, std::byte(value)); }

inline quic::Verify anyone() {
  return [](const quic::PeerCertificate&) -> Result<void> { return {}; };
}

inline Http3ServerConfig server_config() {
  Http3ServerConfig config;
  config.credentials = quic::Credentials::from_ed25519(bytes_of(7)).value();
  config.reset_secret = bytes_of(8);
  return config;
}

inline Http3ClientConfig client_config() {
  Http3ClientConfig config;
  config.verify = anyone();
  config.server_name = "relay.test";
  return config;
}

// TestServer keeps a server's events and answers each request by `handler`; nullopt leaves it unanswered.
struct TestServer {
  using Handler = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  explicit TestServer(Wire& a_wire, Http3ServerConfig config = server_config()) : wire(a_wire) {
    server = Http3Server::create(std::move(config)).value();
    wire.attach(kServerAddress, node_of(*server, [this] { take_events(); }));
  }
  ~TestServer() { wire.detach(kServerAddress); }

  void take_events() {
    while (auto event = server->poll()) {
      if (const auto* arrived = std::get_if<Http3Server::RequestArrived>(&*event)) {
        if (auto response = handler(arrived->request)) {
          const auto answered = server->respond(arrived->id, std::move(*response), wire.now);
          EXPECT_TRUE(answered || answered.error() == Errc::kStreamUnknown);  // reset since it arrived
        }
      }
      events.push_back(std::move(*event));
    }
  }

  template <class E>
  std::vector<E> events_of() const {
    std::vector<E> found;
    for (const auto& event : events) {
      if (const E* match = std::get_if<E>(&event)) found.push_back(*match);
    }
    return found;
  }

  Wire& wire;
  std::unique_ptr<Http3Server> server;
  std::vector<Http3Server::Event> events;
  Handler handler = [](const HttpRequest& request) {
    return HttpResponse{.status = 200, .headers = {{"x-path", request.path}}, .body = request.body};
  };
};

// TestClient keeps a client's events.
struct TestClient {
  explicit TestClient(Wire& a_wire, std::uint16_t number = 1000, Http3ClientConfig config = client_config())
      : TestClient(a_wire, client_address(number), std::move(config)) {}
  TestClient(Wire& a_wire, const Address& from, Http3ClientConfig config = client_config())
      : wire(a_wire), address(from) {
    client = Http3Client::create(std::move(config), {.local = address, .remote = kServerAddress}, wire.now).value();
    wire.attach(address, node_of(*client, [this] { take_events(); }));
  }
  ~TestClient() { wire.detach(address); }

  void take_events() {
    while (auto event = client->poll()) {
      if (const auto* arrived = std::get_if<Http3Client::ResponseArrived>(&*event))
        responses[arrived->id] = arrived->response;
      if (const auto* failed = std::get_if<Http3Client::RequestFailed>(&*event)) failures[failed->id] = failed->error;
      if (const auto* closed = std::get_if<Http3Client::Closed>(&*event)) close_reason = closed->reason;
      if (std::holds_alternative<Http3Client::GoingAway>(*event)) going_away = true;
    }
  }

  // fetch waits for the answer to one request; status 0: it failed.
  HttpResponse fetch(HttpRequest request) {
    const RequestId id = client->request(std::move(request), wire.now).value();
    wire.run_until([&] { return responses.contains(id) || failures.contains(id); });
    return responses.contains(id) ? responses[id] : HttpResponse{.status = 0};
  }

  Wire& wire;
  Address address;
  std::unique_ptr<Http3Client> client;
  std::map<RequestId, HttpResponse> responses;
  std::map<RequestId, error_code> failures;
  std::optional<quic::CloseReason> close_reason;
  bool going_away = false;
};

inline HttpRequest get(std::string path) {
  return {.method = "GET", .authority = "relay.test", .path = std::move(path)};
}
inline HttpRequest post(std::string path, Bytes body) {
  return {.method = "POST", .authority = "relay.test", .path = std::move(path), .body = std::move(body)};
}

}  // namespace quicket::transports::test
