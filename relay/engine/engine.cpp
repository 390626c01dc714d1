#include "relay/engine/engine.hpp"

#include "core/identity/proof.hpp"

#include <algorithm>
#include <type_traits>

namespace quicket::relay {

namespace {

// How often leases learn what the forwarding plane heard, while anybody is registered.
constexpr Duration kSweepInterval = std::chrono::seconds(1);

using transports::Http3Server;

// connections_per_client: one for each registration will do, and some more to hear that the quota is used up.
std::size_t connections_per_client(const Limits& limits) noexcept {
  constexpr std::size_t kSpare = 64;
  return limits.registrations_per_address + kSpare;
}

std::uint64_t number(transports::ConnectionHandle handle) { return static_cast<std::uint64_t>(handle); }

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(EngineConfig config, DatagramSink& sink) {
  transports::Http3ServerConfig http3;
  http3.credentials = config.credentials;
  http3.reset_secret = config.reset_secret;
  http3.max_connections = config.max_connections;
  http3.max_connections_per_client = connections_per_client(config.limits);
  http3.limits.body_bytes = config.service.body_bytes;
  auto server = Http3Server::create(std::move(http3));
  if (!server) return server.error();
  return std::unique_ptr<Engine>(new Engine(std::move(config), std::move(*server), sink));
}

Engine::Engine(EngineConfig config, std::unique_ptr<Http3Server> server, DatagramSink& sink)
    : sink_(sink),
      server_(std::move(server)),
      table_(
          config.limits, [this](const RouteChange& change) { forwarder_.apply(change); }, std::move(config.derive_ids)),
      service_(table_, std::move(config.service)),
      forwarder_(
          table_.routes(), sink,
          [this](const Received& received, TimePoint now) {
            server_->receive(received, now);
            serve(now);
          },
          config.forward) {}

void Engine::receive(std::span<const Received> datagrams, TimePoint now) { forwarder_.receive(datagrams, now); }

void Engine::serve(TimePoint now) {
  while (const auto event = server_->poll()) {
    std::visit(
        [&](const auto& e) {
          using E = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<E, Http3Server::RequestArrived>) {
            on(e, now);
          } else if constexpr (std::is_same_v<E, Http3Server::PathChanged>) {
            service_.path_changed(number(e.connection), e.path);
          } else if constexpr (std::is_same_v<E, Http3Server::ConnectionClosed>) {
            service_.connection_closed(number(e.connection));
          } else if constexpr (std::is_same_v<E, Http3Server::RequestCancelled>) {
            service_.cancelled(e.id);
          }
        },
        *event);
  }
  while (auto later = service_.poll()) static_cast<void>(server_->respond(later->first, std::move(later->second), now));
  server_->transmit(sink_, now);
}

void Engine::on(const Http3Server::RequestArrived& event, TimePoint now) {
  const auto path = server_->path(event.connection);
  if (!path) return;  // closed meanwhile
  ClientContext client;
  client.connection = number(event.connection);
  client.path = *path;
  client.request = event.id;
  client.exporter = [this, connection = event.connection](std::string_view label) {
    return server_->exporter(connection, label, kProofExporterSize);
  };
  // An answer that comes too late for its client is lost with it, as on any network.
  if (auto response = service_.handle(event.request, client, now))
    static_cast<void>(server_->respond(event.id, std::move(*response), now));
  if (!next_sweep_ && table_.registrations() > 0) next_sweep_ = now + kSweepInterval;
}

std::optional<TimePoint> Engine::deadline() const {
  auto next = server_->deadline();
  for (const auto& other : {table_.deadline(), forwarder_.deadline(), service_.deadline(), next_sweep_}) {
    if (other && (!next || *other < *next)) next = other;
  }
  return next;
}

void Engine::on_deadline(TimePoint now) {
  forwarder_.expire(now);
  const bool table_due = table_.deadline() && *table_.deadline() <= now;
  if (table_due || (next_sweep_ && *next_sweep_ <= now)) sweep(now);
  service_.on_deadline(now);
  server_->on_deadline(now);
  serve(now);
}

void Engine::sweep(TimePoint now) {
  for (const Activity& activity : forwarder_.take_activity()) table_.heard(activity.id, activity.at);
  table_.expire(now);
  next_sweep_ = table_.registrations() > 0 ? std::optional(now + kSweepInterval) : std::nullopt;
}

Result<void> Engine::reconfigure(EngineConfig config) {
  const bool sound = config.credentials && config.max_connections > 0 && config.limits.registrations_per_address > 0;
  if (!sound) return make_error_code(boost::system::errc::invalid_argument);
  server_->set_credentials(std::move(config.credentials));
  server_->set_max_connections(config.max_connections, connections_per_client(config.limits));
  table_.set_limits(config.limits);
  service_.set_options(std::move(config.service));
  return {};
}

void Engine::drain(TimePoint now) {
  draining_ = true;
  service_.drain();
  server_->drain(now);
  serve(now);
}

}  // namespace quicket::relay
