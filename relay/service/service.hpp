#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "relay/service/client_context.hpp"
#include "relay/service/mailbox_service.hpp"
#include "relay/service/problem.hpp"
#include "relay/table/route_table.hpp"
#include "transports/http3/message.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace quicket::v1 {
class Info;
class RegisterRequest;
class RegisterResponse;
class ReleaseRequest;
class ReleaseResponse;
}  // namespace quicket::v1

namespace quicket::relay {

struct ServiceOptions {
  std::string software = "quicket-relay";
  std::vector<Address> public_addresses;  // told to clients, which put them into offers
  std::vector<std::string> tokens;        // one of them as Authorization: Bearer to register; none: anyone may
  bool bearer_keys = true;                // take keys of 16 to 31 bytes
  // require_peer_token: who joins a session presents the token that its first party was given. It then needs no
  // Authorization.
  bool require_peer_token = false;
  Bytes peer_token_secret;  // at least 16 bytes when require_peer_token; the same after a restart
  std::size_t body_bytes = transports::HttpLimits{}.body_bytes;
  MailboxLimits mailbox;
  // run is told to clients, who see by it that the relay has begun anew: letters and digits. Empty: untold. Fixed when
  // the service begins.
  std::string run;
};

struct ServiceCounters {
  std::uint64_t requests = 0;
  std::map<int, std::uint64_t> responses;  // by HTTP status
};

// Service answers the relay's HTTP requests: POST /v1/register, POST /v1/release, GET /v1/info (docs/protocol.md
// "Registration") and those of mailboxes. Registrations outlive the connection that they came on. Thread safety: none.
class Service {
 public:
  // Service borrows the table.
  Service(RouteTable& table, ServiceOptions options);

  // handle answers one whole request; nullopt: later, by poll(). Total: any request gets an answer.
  std::optional<transports::HttpResponse> handle(const transports::HttpRequest& request, const ClientContext& client,
                                                 TimePoint now);

  // path_changed: the connection's client migrated, and its new path is validated. Moves what was registered on the
  // connection.
  void path_changed(ConnectionHandle connection, const AddressPair& path);
  // set_options holds for all requests from now on.
  void set_options(ServiceOptions options);
  // connection_closed forgets which keys were proven on the connection. The registrations stay.
  void connection_closed(ConnectionHandle connection) { proven_.erase(connection); }

  std::optional<std::pair<transports::RequestId, transports::HttpResponse>> poll();
  // cancelled: nobody wants the answer any more.
  void cancelled(transports::RequestId request) { mailbox_.cancelled(request); }
  // drain answers whoever waits.
  void drain() { mailbox_.release(); }

  std::optional<TimePoint> deadline() const { return mailbox_.deadline(); }
  void on_deadline(TimePoint now) { mailbox_.on_deadline(now); }

  const MailboxService& mailbox() const noexcept { return mailbox_; }
  const ServiceCounters& counters() const noexcept { return counters_; }

 private:
  template <class Message>
  using Answer = boost::system::result<Message, Problem>;

  std::optional<transports::HttpResponse> answer(const transports::HttpRequest& request, const ClientContext& client,
                                                 TimePoint now);
  Answer<v1::RegisterResponse> register_window(const transports::HttpRequest& request, const ClientContext& client,
                                               TimePoint now);
  Answer<v1::ReleaseResponse> release(const transports::HttpRequest& request, const ClientContext& client);
  v1::Info info() const;

  Answer<WindowRequest> window_request(const v1::RegisterRequest& message, const ClientContext& client) const;
  std::optional<Problem> authorize(const transports::HttpRequest& request, const v1::RegisterRequest& message,
                                   const WindowRequest& window) const;
  std::string peer_token(const SessionId& session) const;
  bool may_release(const ClientContext& client, const RegistrationKey& key, const v1::ReleaseRequest& message) const;
  bool is_proven(ConnectionHandle connection, const RegistrationKey& key) const;
  bool remember(ConnectionHandle connection, const RegistrationKey& key);

  RouteTable& table_;
  ServiceOptions options_;
  MailboxService mailbox_;
  // Keys that were proven on each connection; at most Limits::registrations_per_address each.
  boost::unordered_flat_map<ConnectionHandle, std::vector<RegistrationKey>> proven_;
  ServiceCounters counters_;
};

}  // namespace quicket::relay
