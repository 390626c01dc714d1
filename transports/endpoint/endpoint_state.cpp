#include "transports/endpoint/endpoint_state.hpp"

#include <quicket/open_carriers.hpp>

#include "core/base/hash.hpp"
#include "transports/endpoint/registry.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace quicket::detail {

namespace {

Failure aborted() { return {asio::error::operation_aborted, {}}; }

bool are_valid(const std::vector<std::string>& protocols) {
  return !protocols.empty() && protocols.size() <= Hello::kMaxProtocols &&
         std::ranges::all_of(protocols,
                             [](const std::string& p) { return !p.empty() && p.size() <= Hello::kMaxProtocol; });
}

// bind_socket takes both kinds of addresses where the owner did not choose one.
Outcome<UdpSocket> bind_socket(const Address& wished) {
  if (wished.is_v4() && wished.is_unspecified()) {
    const Address any = *Address::from(Bytes(16), wished.port());
    auto both = UdpSocket::bind(any);
    if (both) return std::move(*both);
  }
  auto socket = UdpSocket::bind(wished);
  if (socket) return std::move(*socket);
  return Failure{socket.error(), "no UDP socket at " + wished.to_string() + ": " + socket.error().message()};
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  random_fill(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

std::unique_ptr<transports::Node> make_node(const EndpointOptions& options, DeviceState& state,
                                            Diagnostics& diagnostics) {
  transports::NodeConfig config{
      .identity = options.identity, .reset_secret = state.reset_secret, .relays = {}, .relay = {}};
  config.relay.seed = random_seed();
  config.relay.qlog = diagnostics.qlog("relays");
  config.relay.key_log = diagnostics.key_log();
  return std::make_unique<transports::Node>(std::move(config), *state.replay);
}

}  // namespace

Outcome<std::shared_ptr<EndpointState>> EndpointState::create(const asio::any_io_executor& executor,
                                                              EndpointOptions options) {
  if (!are_valid(options.protocols)) {
    return Failure{make_error_code(boost::system::errc::invalid_argument),
                   "an endpoint takes 1 to 16 protocols of 1 to 255 bytes"};
  }
  auto state = open_state(options.state);
  if (!state) return state.error();
  auto diagnostics = Diagnostics::open(options.qlog, options.key_log);
  if (!diagnostics) return diagnostics.error();
  auto socket = bind_socket(options.bind);
  if (!socket) return socket.error();
  const auto endpoint = std::make_shared<EndpointState>(Strand(executor), std::move(options), std::move(*state),
                                                        std::move(*diagnostics), std::move(*socket));
  if (const auto started = endpoint->driver_.start(endpoint); !started)
    return endpoint->socket_failure(started.error());
  // After what it must be shut down before: the services of descriptors and timers.
  endpoint->registry_ = &asio::use_service<EndpointRegistry>(asio::query(executor, asio::execution::context));
  endpoint->registry_->add(*endpoint);
  return endpoint;
}

EndpointState::EndpointState(const Strand& strand, EndpointOptions options, DeviceState state, Diagnostics diagnostics,
                             UdpSocket socket)
    : options_(std::move(options)),
      local_address_(socket.local_address()),
      state_(std::move(state)),
      diagnostics_(std::move(diagnostics)),
      driver_(strand, std::move(socket), make_node(options_, state_, diagnostics_)),
      addresses_(strand, options_.timeouts.resolve),
      relay_requests_(driver_, options_.timeouts.resolve) {
  addresses_.set(options_.relays);
}

EndpointState::~EndpointState() {
  if (registry_) registry_->remove(*this);
}

HostServices EndpointState::carrier_services() const {
  HostServices services{
      .now = [] { return boot_now(); }, .log = {}, .relay_request = relay_requests_.service(), .close = close_in_time};
  services.peer = id().to_string();
  for (const RelayUrl& relay : options_.relays) services.relays.push_back(relay.to_string());
  if (!options_.log) return services;
  services.log = [log = options_.log](CarrierLogLevel level, std::string_view carrier, std::string_view line) {
    constexpr std::array kLevels{LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError};
    const auto index = std::min(static_cast<std::size_t>(level), kLevels.size() - 1);
    log(kLevels[index], "carrier " + std::string(carrier) + ": " + std::string(line));
  };
  return services;
}

void EndpointState::log(LogLevel level, std::string_view line) const {
  if (options_.log) options_.log(level, line);
}

void EndpointState::tell(const OnProgress& on_progress, Progress progress) const {
  if (!on_progress) return;
  asio::post(strand(), [on_progress, progress = std::move(progress)] { on_progress(progress); });
}

void EndpointState::start(const std::shared_ptr<ListenerState>& listener, std::vector<Carrier> carriers) {
  if (!is_open()) return listener->stop(aborted());
  listeners_.push_back(listener);
  listener->start(std::move(carriers));
}

void EndpointState::forget(const std::shared_ptr<ListenerState>& listener) {
  listeners_.remove(listener);
  listener->stop(aborted());
}

void EndpointState::on_link_event(LinkId id, LinkEvent event) {
  if (const auto attempt = attempt_of_.find(id); attempt != attempt_of_.end()) {
    return on_attempt_event(attempt->second, attempts_.at(attempt->second), event);
  }
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  const auto link = found->second;
  if (const auto* quic = std::get_if<quic::Event>(&event)) {
    link->on_event(*quic);
  } else if (auto* disconnected = std::get_if<Disconnected>(&event)) {
    log(LogLevel::kInfo, link->facts().peer.short_string() + ": disconnected: " + disconnected->why.message());
    link->on_disconnected(*disconnected);
    links_.erase(id);
  }
}

// named adds which relay of a dial it was, where the failure does not say.
Failure EndpointState::named(Failure why) const {
  if (why.code != Errc::kRelayUnreachable || !why.detail.empty() || options_.relays.empty()) return why;
  why.detail = options_.relays.size() == 1
                   ? "relay " + options_.relays.front().authority() + " does not answer on UDP"
                   : "none of " + std::to_string(options_.relays.size()) + " relays answers on UDP";
  return why;
}

void EndpointState::set_relays(std::vector<RelayUrl> relays) {
  options_.relays = relays;
  addresses_.set(std::move(relays));
}

void EndpointState::on_pumped(TimePoint now) {
  relay_requests_.on_pumped();
  if (closing_ && driver_.node().is_finished(now)) finish_closing();
}

Failure EndpointState::socket_failure(const error_code& why) const {
  return {why, "the UDP socket at " + local_address_.to_string() + " failed: " + why.message()};
}

void EndpointState::on_socket_failed(error_code why) {
  const Failure failure = socket_failure(why);
  log(LogLevel::kError, failure.message());
  end_now(failure);
}

void EndpointState::end_attempts(const Failure& why) {
  addresses_.stop();
  relay_requests_.end();
  for (const auto& listener : std::exchange(listeners_, {})) listener->stop(why);
  while (!attempts_.empty()) finish(attempts_.begin()->first, why);
}

void EndpointState::close(Pending<Outcome<>> pending) {
  close_waiters_.push_back(std::move(pending));
  if (!driver_.is_running()) return finish_closing();
  if (std::exchange(closing_, true)) return;
  end_attempts(aborted());
  driver_.node().close(boot_now());
  driver_.schedule();
  close_timer_.emplace(strand());
  close_timer_->expires_after(options_.timeouts.close);
  close_timer_->async_wait([this, self = shared_from_this()](error_code cancelled) {
    if (!cancelled) finish_closing();
  });
}

void EndpointState::finish_closing() {
  close_timer_.reset();
  driver_.stop();
  for (const auto& [id, link] : std::exchange(links_, {})) link->abort(aborted());
  const Outcome<> closed;
  for (auto& waiter : std::exchange(close_waiters_, {})) waiter.complete(closed);
}

void EndpointState::abort() { end_now(aborted()); }

void EndpointState::end_now(const Failure& why) {
  if (!driver_.is_running()) return;
  end_attempts(why);
  for (const auto& [id, link] : std::exchange(links_, {})) link->abort(why);
  driver_.node().close(boot_now());
  driver_.pump_now();  // the last words
  finish_closing();
}

void EndpointState::drop() {
  addresses_.stop();
  relay_requests_.end();
  close_timer_.reset();
  driver_.stop();
  attempt_of_.clear();
  const auto attempts = std::exchange(attempts_, {});
  const auto listeners = std::exchange(listeners_, {});
  for (const auto& listener : listeners) listener->drop();
  const auto links = std::exchange(links_, {});
  for (const auto& [id, link] : links) link->drop();
  const auto waiters = std::exchange(close_waiters_, {});
}

}  // namespace quicket::detail
