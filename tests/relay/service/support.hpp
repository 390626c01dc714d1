#pragma once

#include <quicket/identity.hpp>

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
#include "core/identity/proof.hpp"
#include "quicket/v1/problem.pb.h"
#include "quicket/v1/registration.pb.h"
#include "relay/service/service.hpp"
#include "tests/relay/table/support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace quicket::relay {

using transports::HttpRequest;
using transports::HttpResponse;

inline const Identity kAliceKey = Identity::from_seed({std::byte{1}});
inline const Identity kBobKey = Identity::from_seed({std::byte{2}});
inline const Identity kMalloryKey = Identity::from_seed({std::byte{3}});

inline std::string text(ByteView bytes) { return std::string(as_text(bytes)); }

// client is a connection's client; its exporter differs from every other connection's.
inline ClientContext client(ConnectionHandle connection, const Address& remote) {
  ClientContext context;
  context.connection = connection;
  context.path = from(remote);
  context.exporter = [connection](std::string_view label) -> Result<Bytes> {
    return to_bytes(ByteView(sha256(as_bytes(std::string(label) + std::to_string(connection)))));
  };
  return context;
}

inline v1::RegisterRequest unproven(const Identity& key, const std::string& session = "") {
  v1::RegisterRequest message;
  message.set_key(text(key.id().key()));
  message.set_num(64);
  message.set_session(session);
  return message;
}

// proven signs for the connection of `context`.
inline v1::RegisterRequest proven(const Identity& key, const ClientContext& context, const std::string& session = "") {
  v1::RegisterRequest message = unproven(key, session);
  message.set_proof(text(registration_proof(key, context.exporter(kRegisterExporterLabel).value(), as_bytes(session))));
  return message;
}

inline HttpRequest post(std::string path, const google::protobuf::Message& message) {
  return {.method = "POST",
          .path = std::move(path),
          .headers = {{"content-type", "application/protobuf"}},
          .body = to_bytes(as_bytes(message.SerializeAsString()))};
}

// post_json sends no content type, as the reference implementation does.
inline HttpRequest post_json(std::string path, std::string_view body) {
  return {.method = "POST", .path = std::move(path), .body = to_bytes(as_bytes(body))};
}

inline std::string header(const HttpResponse& response, std::string_view name) {
  return std::string(transports::find_header(response.headers, name).value_or("(none)"));
}

template <class Message>
Message body(const HttpResponse& response) {
  Message message;
  EXPECT_TRUE(message.ParseFromArray(response.body.data(), static_cast<int>(response.body.size())));
  return message;
}

inline const std::string kSession(16, 's');

// Desk is a service with its table.
struct Desk {
  explicit Desk(ServiceOptions options = {}, const Limits& limits = small_limits())
      : table(limits, {}), service(table, std::move(options)) {}

  HttpResponse handle(const HttpRequest& request, const ClientContext& context, TimePoint now = kStart) {
    return service.handle(request, context, now).value();
  }
  HttpResponse enter(const v1::RegisterRequest& message, const ClientContext& context, TimePoint now = kStart) {
    return handle(post("/v1/register", message), context, now);
  }
  // enter_proven registers with a proof and gives the status.
  int enter_proven(const Identity& key, const ClientContext& context, const std::string& in = "",
                   TimePoint now = kStart) {
    return enter(proven(key, context, in), context, now).status;
  }
  std::optional<RouteTable::Registration> find(const Identity& key) const {
    return table.find(RegistrationKey::from(key.id().key()).value());
  }

  RouteTable table;
  Service service;
};

}  // namespace quicket::relay
