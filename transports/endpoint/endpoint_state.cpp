#include "transports/endpoint/endpoint_state.hpp"

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
  return !protocols.empty() && protocols.size() <= Hello::kMaxProtocols && std::ranges::all_of(protocols, [](const std::string& p) {
    return !p.empty() && p.size() <= Hello::kMaxProtocol;
  });
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

std::unique_ptr<transports::Node> make_node(const EndpointOptions& options, DeviceState& state, Diagnostics& diagnostics) {
  transports::NodeConfig config{.identity = options.identity, .reset_secret = state.reset_secret, .relays = {}, .relay = {}};
  config.relay.seed = random_seed();
  config.relay.qlog = diagnostics.qlog("relays");
  config.relay.key_log = diagnostics.key_log();
  return std::make_unique<transports::Node>(std::move(config), *state.replay);
}

}  // namespace

Outcome<std::shared_ptr<EndpointState>> EndpointState::create(const asio::any_io_executor& executor, EndpointOptions options) {
  if (!are_valid(options.protocols)) {
    return Failure{make_error_code(boost::system::errc::invalid_argument), "an endpoint takes 1 to 16 protocols of 1 to 255 bytes"};
  }
  auto state = open_state(options.state);
  if (!state) return state.error();
  auto diagnostics = Diagnostics::open(options.qlog, options.key_log);
  if (!diagnostics) return diagnostics.error();
  auto socket = bind_socket(options.bind);
  if (!socket) return socket.error();
  const auto endpoint = std::make_shared<EndpointState>(Strand(executor), std::move(options), std::move(*state), std::move(*diagnostics),
                                                        std::move(*socket));
  if (const auto started = endpoint->driver_.start(endpoint); !started) return Failure{started.error(), {}};
  // After what it must be shut down before: the services of descriptors and timers.
  endpoint->registry_ = &asio::use_service<EndpointRegistry>(asio::query(executor, asio::execution::context));
  endpoint->registry_->add(*endpoint);
  return endpoint;
}

EndpointState::EndpointState(const Strand& strand, EndpointOptions options, DeviceState state, Diagnostics diagnostics, UdpSocket socket)
    : options_(std::move(options)),
      local_address_(socket.local_address()),
      state_(std::move(state)),
      diagnostics_(std::move(diagnostics)),
      driver_(strand, std::move(socket), make_node(options_, state_, diagnostics_)),
      addresses_(strand, options_.timeouts.resolve) {
  addresses_.set(options_.relays);
}

EndpointState::~EndpointState() {
  if (registry_) registry_->remove(*this);
}

HostServices EndpointState::carrier_services() const {
  HostServices services{.now = [] { return boot_now(); }, .log = {}, .relay_request = {}};
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

EndpointState::Done EndpointState::completing(ConnectPending pending) {
  return [shared = std::make_shared<ConnectPending>(std::move(pending))](Outcome<Connection> outcome) { shared->complete(std::move(outcome)); };
}

LinkOptions EndpointState::link_options(const std::vector<std::string>& protocols, std::string_view kind) {
  LinkOptions link;
  link.protocols = protocols.empty() ? options_.protocols : protocols;
  link.idle_timeout = options_.timeouts.idle;
  link.keep_alive = options_.timeouts.keep_alive;
  link.handshake_timeout = options_.timeouts.handshake;
  link.hello_timeout = options_.timeouts.hello;
  link.bbr = options_.bbr;
  link.qlog = diagnostics_.qlog(kind);
  link.key_log = diagnostics_.key_log();
  return link;
}

void EndpointState::dial(OperationId id, const PeerId& peer, Way way, DialOptions options, ConnectPending pending) {
  if (!is_open()) return pending.complete(aborted());
  Attempt attempt{.is_dialer = true, .peer = peer, .way = std::move(way), .on_progress = options.on_progress, .done = completing(std::move(pending))};
  attempt.options = std::move(options);
  attempts_.emplace(id, std::move(attempt));
  addresses_.resolve(boot_now(), [this, id](const auto& relays) { begin_dial(id, relays); });
}

void EndpointState::begin_dial(OperationId id, const Outcome<std::vector<transports::RelayTarget>>& relays) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return;
  if (!relays) return finish(id, relays.error());
  Attempt& attempt = found->second;
  const TimePoint now = boot_now();
  driver_.node().set_relays(*relays);
  attempt.give_up = now + attempt.options.patience;
  DialRequest request{.peer = attempt.peer, .sealed = attempt.options.sealed, .patience = attempt.options.patience, .wall_clock = wall_now()};
  request.options = link_options(attempt.options.protocols, "dial");
  const auto link = driver_.node().dial(request, now);
  driver_.schedule();
  if (!link) return finish(id, link.error());
  attempt.link = *link;
  attempt_of_.emplace(*link, id);
}

void EndpointState::accept_offer(OperationId id, Bytes offer, const AcceptOptions& options, ConnectPending pending) {
  if (!is_open()) return pending.complete(aborted());
  tell(options.on_progress, OfferReceived{{}, offer.size()});
  const Done done = completing(std::move(pending));
  // The operation goes by its own id until the offer is accepted, and is void when that is cancelled before.
  attempts_.emplace(id, Attempt{.is_dialer = false, .on_progress = {}, .done = done});
  auto judged = [this, id, done, on_progress = options.on_progress](const Outcome<Accepted>& verdict) {
    const auto placeholder = attempts_.find(id);
    if (placeholder == attempts_.end()) {
      if (verdict) cancel_attempt(verdict->attempt);
      return;
    }
    attempts_.erase(placeholder);
    if (verdict.has_error()) {
      tell(on_progress, OfferRefused{{}, verdict.error()});
      return done(verdict.error());
    }
    tell(on_progress, OfferAccepted{verdict->from, verdict->kind});
    // From here on the attempt is cancelled by the operation's id.
    auto attempt = attempts_.extract(verdict->attempt);
    attempt.key() = id;
    attempt_of_[*attempt.mapped().link] = id;
    attempts_.insert(std::move(attempt));
  };
  answer(std::move(offer), options, std::move(judged), done);
}

void EndpointState::answer(Bytes offer, const AcceptOptions& options, Judged judged, Done done) {
  auto begin = [this, offer = std::move(offer), options, judged = std::move(judged), done = std::move(done)](const auto& relays) {
    if (!is_open()) return judged(aborted());
    if (relays) driver_.node().set_relays(*relays);  // else the offer's own will have to do
    transports::AcceptRules rules;
    for (const TrustedPeer& peer : options_.trust.peers()) rules.trusted.push_back(peer.id);
    rules.allow_unsealed = options_.allow_unsealed;
    rules.allow_private_relays = options_.allow_private_relays;
    rules.options = link_options(options.protocols, "accept");
    const auto link = driver_.node().accept(offer, rules, boot_now(), wall_now());
    driver_.schedule();
    if (!link) return judged(link.error());
    const PeerId from = driver_.host().link(*link)->peer();
    const OperationId id = next_operation();
    attempts_.emplace(id, Attempt{.is_dialer = false, .peer = from, .on_progress = options.on_progress, .done = done, .link = *link});
    attempt_of_.emplace(*link, id);
    judged(Accepted{.attempt = id, .from = from, .kind = *offer_kind(offer)});
  };
  addresses_.resolve(boot_now(), std::move(begin));
}

void EndpointState::cancel_attempt(OperationId attempt) { cancel(attempt); }

void EndpointState::cancel(OperationId id) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return;
  const auto link = found->second.link;
  finish(id, aborted());
  if (!link) return;
  // A dial whose offer travels becomes void, and its registrations are released.
  driver_.host().close(*link, 0, {}, boot_now());
  driver_.schedule();
}

void EndpointState::finish(OperationId id, Outcome<Connection> outcome) {
  auto node = attempts_.extract(id);
  if (node.empty()) return;
  if (node.mapped().link) attempt_of_.erase(*node.mapped().link);
  node.mapped().done(std::move(outcome));
}

void EndpointState::start(const std::shared_ptr<ListenerState>& listener, std::vector<Carrier> carriers) {
  if (!is_open()) return listener->stop();
  listeners_.push_back(listener);
  listener->start(std::move(carriers));
}

void EndpointState::forget(const std::shared_ptr<ListenerState>& listener) {
  listeners_.remove(listener);
  listener->stop();
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
    disconnected->why = named(std::move(disconnected->why));
    log(LogLevel::kInfo, link->facts().peer.short_string() + ": disconnected: " + disconnected->why.message());
    link->on_disconnected(*disconnected);
    links_.erase(id);
  }
}

void EndpointState::on_attempt_event(OperationId id, Attempt& attempt, LinkEvent& event) {
  if (const auto* registered = std::get_if<Registered>(&event)) {
    const Address relay = registered->relay.addresses.empty() ? Address() : registered->relay.addresses.front();
    tell(attempt.on_progress, RelayRegistered{relay, registered->observed, registered->round_trip});
  } else if (auto* ready = std::get_if<OfferReady>(&event)) {
    deliver(id, attempt, std::move(ready->offer));
  } else if (std::holds_alternative<Answered>(event)) {
    attempt.deliveries.reset();
    tell(attempt.on_progress, PeerAnswered{});
  } else if (const auto* connected = std::get_if<Connected>(&event)) {
    Connection connection = connect(*attempt.link, *connected, attempt.is_dialer);
    finish(id, std::move(connection));
  } else if (auto* disconnected = std::get_if<Disconnected>(&event)) {
    finish(id, named(std::move(disconnected->why)));
  }
}

void EndpointState::deliver(OperationId id, Attempt& attempt, Bytes offer) {
  tell(attempt.on_progress, OfferMade{.size = offer.size(),
                                      .kind = attempt.options.sealed ? OfferKind::kSealed : OfferKind::kOpen,
                                      .expires = wall_now() + std::chrono::ceil<std::chrono::seconds>(attempt.give_up - boot_now())});
  if (attempt.way.send) {
    asio::post(strand(), [send = attempt.way.send, offer = std::move(offer)] { send(offer); });
    return;
  }
  Deliveries::Callbacks callbacks;
  callbacks.delivered = [this, on_progress = attempt.on_progress](const std::string& carrier) { tell(on_progress, OfferDelivered{carrier}); };
  callbacks.failed = [this, on_progress = attempt.on_progress](const std::string& carrier, const Failure& why) {
    tell(on_progress, CarrierStopped{carrier, why});
  };
  callbacks.all_failed = [this, id](const Failure& why) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return;
    const LinkId link = *found->second.link;
    finish(id, why);
    driver_.host().close(link, 0, {}, boot_now());
    driver_.schedule();
  };
  const CarrierDelivery delivery{.offer = std::move(offer),
                                 .recipient = attempt.peer,
                                 .home_relays = attempt.options.home_relays,
                                 .allow_exposed = attempt.options.allow_exposed};
  attempt.deliveries = Deliveries::start(strand(), std::exchange(attempt.way.carriers, {}), delivery, attempt.give_up, std::move(callbacks));
}

Connection EndpointState::connect(LinkId id, const Connected& connected, bool is_dialer) {
  auto link = std::make_shared<LinkState>(
      driver_, LinkState::Facts{.id = id, .peer = connected.peer, .protocol = connected.protocol, .is_dialer = is_dialer});
  links_.emplace(id, link);
  log(LogLevel::kInfo, connected.peer.short_string() + ": connected, protocol " + connected.protocol);
  return ConnectionHandle::connection_of(std::make_shared<ConnectionHandle>(shared_from_this(), std::move(link)));
}

// named adds which relay it was, where the failure does not say.
Failure EndpointState::named(Failure why) const {
  if (why.code != Errc::kRelayUnreachable || !why.detail.empty() || options_.relays.empty()) return why;
  why.detail = options_.relays.size() == 1 ? "relay " + options_.relays.front().authority() + " does not answer on UDP"
                                           : "none of " + std::to_string(options_.relays.size()) + " relays answers on UDP";
  return why;
}

void EndpointState::on_pumped(TimePoint now) {
  if (closing_ && driver_.node().is_finished(now)) finish_closing();
}

void EndpointState::on_socket_failed(error_code why) {
  log(LogLevel::kError, "the UDP socket failed: " + why.message());
  abort();
}

void EndpointState::abort_all() {
  addresses_.stop();
  for (const auto& listener : std::exchange(listeners_, {})) listener->stop();
  while (!attempts_.empty()) finish(attempts_.begin()->first, aborted());
}

void EndpointState::close(Pending<Outcome<>> pending) {
  close_waiters_.push_back(std::move(pending));
  if (!driver_.is_running()) return finish_closing();
  if (std::exchange(closing_, true)) return;
  abort_all();
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
  for (const auto& [id, link] : std::exchange(links_, {})) link->abort();
  const Outcome<> closed;
  for (auto& waiter : std::exchange(close_waiters_, {})) waiter.complete(closed);
}

void EndpointState::abort() {
  if (!driver_.is_running()) return;
  abort_all();
  for (const auto& [id, link] : std::exchange(links_, {})) link->abort();
  driver_.node().close(boot_now());
  driver_.pump_now();  // the last words
  finish_closing();
}

void EndpointState::drop() {
  addresses_.stop();
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
