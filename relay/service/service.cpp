#include "relay/service/service.hpp"

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
#include "core/base/quota_address.hpp"
#include "core/identity/proof.hpp"
#include "quicket/v1/registration.pb.h"
#include "relay/service/body.hpp"
#include "relay/service/codec.hpp"
#include "relay/service/token.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/assert.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace quicket::relay {

namespace {

using transports::find_header;
using transports::HttpRequest;
using transports::HttpResponse;

constexpr std::uint32_t kSchedule = 1;
constexpr std::string_view kPeerTokenContext = "quicket peer token 1";
constexpr std::size_t kPeerTokenSize = 16;  // bytes, before base64url

std::uint32_t seconds(Duration duration) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

boost::system::result<RegistrationKey, Problem> read_key(const std::string& bytes) {
  const auto key = RegistrationKey::from(as_bytes(bytes));
  if (key) return *key;
  return malformed("a key is an Ed25519 public key of 32 bytes, or a bearer key of 16 to 31; this one has " +
                   std::to_string(bytes.size()));
}

bool is_session_size(const std::string& session) {
  return session.empty() || session.size() == std::tuple_size_v<SessionId>;
}

// proof_holds is false for bearer keys: nobody can prove those.
bool proof_holds(const ClientContext& client, const RegistrationKey& key, const std::string& session,
                 const std::string& proof) {
  if (proof.empty() || key.is_bearer() || !client.exporter) return false;
  const auto exporter = client.exporter(kRegisterExporterLabel);
  return exporter && registration_proof_holds(key.bytes(), *exporter, as_bytes(session), as_bytes(proof));
}

Problem explain(const Refused& refused) {
  using enum Refusal;
  const auto later = [&](ProblemKind kind, std::string detail) {
    const std::string wait = std::to_string(std::max(1u, seconds(refused.retry_after)));
    return Problem{kind, std::move(detail) + "; try again in " + wait + " s", {{"retry-after", wait}}};
  };
  switch (refused.reason) {
    case kBadWindow:
      return malformed("first and num must name at least one counter, from 1");
    case kNotProven:
      return {ProblemKind::kProofRefused, "a key of 32 bytes needs a proof"};
    case kUnroutable:
      return {ProblemKind::kUnroutable,
              "this relay sends nothing to the address that you come from; reach it by another one"};
    case kConflict:
      return {ProblemKind::kConflict, "another registration holds one of these connection IDs; register a new key"};
    case kOtherSession:
      return {ProblemKind::kOtherSession,
              "the key is registered with another session; release it, or register a new key"};
    case kAnsweredElsewhere:
      return {ProblemKind::kAnsweredElsewhere, "two other keys are in this session; the offer was answered elsewhere"};
    case kBearerFromElsewhere:
      return {ProblemKind::kBearerFromElsewhere,
              "this bearer key is registered from another address until its lease ends; register a new key"};
    case kOverQuota:
      return later(ProblemKind::kOverQuota,
                   "your address holds as much as this relay gives to one; release registrations");
    case kFull:
      return later(ProblemKind::kFull, "this relay is full; use another");
  }
  return {ProblemKind::kInternal, ""};
}

}  // namespace

Service::Service(RouteTable& table, ServiceOptions options)
    : table_(table), options_(std::move(options)), mailbox_(options_.mailbox, options_.run) {
  BOOST_ASSERT(!options_.require_peer_token || options_.peer_token_secret.size() >= 16);
}

void Service::set_options(ServiceOptions options) {
  options.run = std::move(options_.run);
  options_ = std::move(options);
  mailbox_.set_limits(options_.mailbox);
}

std::optional<HttpResponse> Service::handle(const HttpRequest& request, const ClientContext& client, TimePoint now) {
  auto response = answer(request, client, now);
  ++counters_.requests;
  if (response) ++counters_.responses[response->status];
  return response;
}

std::optional<std::pair<transports::RequestId, HttpResponse>> Service::poll() {
  auto later = mailbox_.poll();
  if (later) ++counters_.responses[later->second.status];
  return later;
}

std::optional<HttpResponse> Service::answer(const HttpRequest& request, const ClientContext& client, TimePoint now) {
  const Format format = response_format(request);
  const auto finish = [&](const auto& result) {
    return result ? encode(*result, format) : encode_problem(result.error(), format);
  };
  const auto allow = [&](std::string method) {
    const std::string detail = "this resource takes " + method + " only";
    return encode_problem({ProblemKind::kMethodNotAllowed, detail, {{"allow", method}}}, format);
  };

  if (const auto site = find_header(request.headers, "sec-fetch-site"); site && boost::iequals(*site, "cross-site")) {
    return encode_problem({ProblemKind::kCrossSite, "requests that another site's page makes are refused"}, format);
  }
  const std::string_view path = std::string_view(request.path).substr(0, request.path.find('?'));
  if (path == "/v1/register")
    return request.method == "POST" ? finish(register_window(request, client, now)) : allow("POST");
  if (path == "/v1/release") return request.method == "POST" ? finish(release(request, client)) : allow("POST");
  if (path == "/v1/info") return request.method == "GET" ? encode(info(), format) : allow("GET");
  if (path.starts_with(MailboxService::kPath)) {
    if (auto problem = check_token(request, options_.tokens)) return encode_problem(*problem, format);
    return mailbox_.handle(request, client, now);
  }
  return encode_problem({ProblemKind::kNotFound, "there are /v1/register, /v1/release, /v1/info and /v1/mailbox/"},
                        format);
}

Service::Answer<v1::RegisterResponse> Service::register_window(const HttpRequest& request, const ClientContext& client,
                                                               TimePoint now) {
  const auto message = read_body<v1::RegisterRequest>(request, options_.body_bytes);
  if (!message) return message.error();
  const auto window = window_request(*message, client);
  if (!window) return window.error();
  if (auto problem = authorize(request, *message, *window)) return *problem;
  if (!window->key.is_bearer() && !window->proven) {
    return Problem{
        ProblemKind::kProofRefused,
        "a key of 32 bytes needs a proof: its Ed25519 signature over \"quicket register 1\", this connection's "
        "exporter, the key and the session"};
  }
  if (window->proven && !remember(client.connection, window->key)) {
    return explain({Refusal::kOverQuota, table_.limits().retry_after});
  }
  const auto grant = table_.register_window(*window, now);
  if (!grant) return explain(grant.error());

  v1::RegisterResponse response;
  write_address(client.path.remote, *response.mutable_observed());
  for (const Address& address : options_.public_addresses) write_address(address, *response.add_public_addresses());
  response.set_lease_seconds(seconds(grant->lease));
  response.set_first(grant->first);
  response.set_num(grant->num);
  *response.mutable_limits() = info().limits();
  if (options_.require_peer_token && window->session) response.set_peer_token(peer_token(*window->session));
  return response;
}

Service::Answer<v1::ReleaseResponse> Service::release(const HttpRequest& request, const ClientContext& client) {
  const auto message = read_body<v1::ReleaseRequest>(request, options_.body_bytes);
  if (!message) return message.error();
  const auto key = read_key(message->key());
  if (!key) return key.error();
  if (!is_session_size(message->session())) return malformed("a session has 16 bytes");
  if (!may_release(client, *key, *message)) {
    return Problem{ProblemKind::kReleaseRefused, "release a key on the connection that registered it, or with a proof"};
  }
  table_.release(*key);
  return v1::ReleaseResponse();
}

v1::Info Service::info() const {
  const Limits& limits = table_.limits();
  v1::Info info;
  info.set_software(options_.software);
  info.set_connection_id_length(ConnectionId::kDefaultLength);
  info.add_schedules(kSchedule);
  info.set_lease_seconds(seconds(limits.quiet_lease));
  info.mutable_limits()->set_window(limits.window);
  info.mutable_limits()->set_registrations_per_address(static_cast<std::uint32_t>(limits.registrations_per_address));
  info.mutable_limits()->set_absolute_lease_seconds(seconds(limits.absolute_lease));
  for (const Address& address : options_.public_addresses) write_address(address, *info.add_public_addresses());
  info.set_capacity(limits.ids);
  info.set_token_required(!options_.tokens.empty());
  info.set_run(options_.run);
  return info;
}

Service::Answer<WindowRequest> Service::window_request(const v1::RegisterRequest& message,
                                                       const ClientContext& client) const {
  if (message.schedule() > kSchedule) return malformed("this relay knows schedule 1 of connection IDs only");
  const auto key = read_key(message.key());
  if (!key) return key.error();
  if (!is_session_size(message.session())) return malformed("a session has 16 bytes");
  if (message.num() == 0) return malformed("num is the number of connection IDs to register, at least 1");
  if (key->is_bearer() && !options_.bearer_keys) {
    return Problem{ProblemKind::kBearerRefused, "this relay takes only Ed25519 public keys of 32 bytes, with a proof"};
  }
  WindowRequest window{.key = *key};
  window.proven = is_proven(client.connection, *key) || proof_holds(client, *key, message.session(), message.proof());
  window.first = std::max(message.first(), 1u);
  window.num = message.num();
  if (!message.session().empty()) {
    window.session.emplace();
    std::ranges::copy(as_bytes(message.session()), window.session->begin());
  }
  window.target = client.path;
  window.quota_address = quota_address(client.path.remote);
  window.connection = client.connection;
  return window;
}

std::optional<Problem> Service::authorize(const HttpRequest& request, const v1::RegisterRequest& message,
                                          const WindowRequest& window) const {
  if (options_.require_peer_token && window.session) {
    const bool invited = equal_in_constant_time(as_bytes(message.peer_token()), as_bytes(peer_token(*window.session)));
    if (invited) return std::nullopt;
    if (table_.standing(*window.session, window.key) == Sessions::Standing::kSecond) {
      return Problem{ProblemKind::kPeerTokenRefused,
                     "who joins a session presents the peer token that its offer holds"};
    }
  }
  return check_token(request, options_.tokens);
}

std::string Service::peer_token(const SessionId& session) const {
  Bytes message = to_bytes(as_bytes(kPeerTokenContext));
  message.insert(message.end(), session.begin(), session.end());
  return base64url(ByteView(hmac_sha256(options_.peer_token_secret, message)).first(kPeerTokenSize));
}

void Service::path_changed(ConnectionHandle connection, const AddressPair& path) {
  const auto found = proven_.find(connection);
  if (found == proven_.end()) return;
  for (const RegistrationKey& key : found->second) table_.move(key, connection, path, quota_address(path.remote));
}

bool Service::may_release(const ClientContext& client, const RegistrationKey& key,
                          const v1::ReleaseRequest& message) const {
  if (!key.is_bearer()) {
    return is_proven(client.connection, key) || proof_holds(client, key, message.session(), message.proof());
  }
  const auto registration = table_.find(key);
  return !registration || registration->connection == client.connection;
}

bool Service::is_proven(ConnectionHandle connection, const RegistrationKey& key) const {
  const auto found = proven_.find(connection);
  return found != proven_.end() && std::ranges::find(found->second, key) != found->second.end();
}

bool Service::remember(ConnectionHandle connection, const RegistrationKey& key) {
  std::vector<RegistrationKey>& keys = proven_[connection];
  if (std::ranges::find(keys, key) != keys.end()) return true;
  const std::size_t most = table_.limits().registrations_per_address;
  if (keys.size() >= most) std::erase_if(keys, [&](const RegistrationKey& one) { return !table_.find(one); });
  if (keys.size() >= most) return false;
  keys.push_back(key);
  return true;
}

}  // namespace quicket::relay
