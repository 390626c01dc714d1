#include "transports/endpoint/endpoint_state.hpp"

#include <boost/asio/error.hpp>

#include <utility>
#include <variant>

// The connections that are not there yet: how they begin, and what they come to.

namespace quicket::detail {

namespace {

Failure aborted() { return {asio::error::operation_aborted, {}}; }

OfferKind kind_of(const DialOptions& options, bool pairs) {
  if (pairs) return OfferKind::kPairing;
  return options.sealed ? OfferKind::kSealed : OfferKind::kOpen;
}

// check_ways says whether an offer of this kind may leave by at least one of the carriers; else, why not by the first.
Outcome<> check_ways(std::span<const Carrier> carriers, OfferKind kind, bool allow_exposed) {
  Outcome<> first;
  for (const Carrier& carrier : carriers) {
    const auto fits = check_exposure(carrier.info(), kind, allow_exposed);
    if (fits) return {};
    if (first) first = fits;
  }
  return first;
}

}  // namespace

EndpointState::Done EndpointState::completing(ConnectPending pending) {
  return [shared = std::make_shared<ConnectPending>(std::move(pending))](Outcome<Connection> outcome) {
    shared->complete(std::move(outcome));
  };
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

JudgeNewPeer EndpointState::judge_for(const PairingOptions& pairing) const {
  return [this, name = pairing.name](const PeerId& peer) { return options_.trust.check(name, peer); };
}

void EndpointState::dial(OperationId id, Callee callee, Way way, DialOptions options, ConnectPending pending) {
  if (!is_open()) return pending.complete(aborted());
  std::optional<PeerId> peer;
  std::optional<PairingOptions> pairing;
  if (auto* wished = std::get_if<PairingOptions>(&callee)) {
    peer = options_.trust.find(wished->name);
    if (const auto fits = options_.trust.check(wished->name, peer.value_or(PeerId())); !fits)
      return pending.complete(fits.error());
    pairing = std::move(*wished);
  } else {
    peer = std::get<PeerId>(callee);
  }
  const OfferKind kind = kind_of(options, pairing.has_value());
  if (const auto may = check_ways(way.carriers, kind, options.allow_exposed); !may)
    return pending.complete(may.error());
  Attempt attempt{.is_dialer = true,
                  .peer = peer,
                  .pairing = std::move(pairing),
                  .way = std::move(way),
                  .on_progress = options.on_progress,
                  .done = completing(std::move(pending))};
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
  const bool pairs = attempt.pairing.has_value();
  const Duration patience = attempt.options.patience.value_or(pairs ? kPairingPatience : kDialPatience);
  attempt.give_up = now + patience;
  DialRequest request{
      .peer = attempt.peer, .kind = kind_of(attempt.options, pairs), .patience = patience, .wall_clock = wall_now()};
  if (pairs) request.pairing = judge_for(*attempt.pairing);
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
  auto begin = [this, offer = std::move(offer), options, judged = std::move(judged),
                done = std::move(done)](const auto& relays) {
    if (!is_open()) return judged(aborted());
    if (relays) driver_.node().set_relays(*relays);  // else the offer's own will have to do
    transports::AcceptRules rules;
    for (const TrustedPeer& peer : options_.trust.peers()) rules.trusted.push_back(peer.id);
    rules.allow_unsealed = options_.allow_unsealed;
    rules.allow_private_relays = options_.allow_private_relays;
    if (options.pairing) rules.pairing = judge_for(*options.pairing);
    rules.options = link_options(options.protocols, "accept");
    const auto link = driver_.node().accept(offer, rules, boot_now(), wall_now());
    driver_.schedule();
    if (!link) return judged(link.error());
    const PeerId from = *driver_.host().link(*link)->peer();
    const OperationId id = next_operation();
    attempts_.emplace(id, Attempt{.is_dialer = false,
                                  .peer = from,
                                  .pairing = options.pairing,
                                  .on_progress = options.on_progress,
                                  .done = done,
                                  .link = *link});
    attempt_of_.emplace(*link, id);
    judged(Accepted{.attempt = id, .from = from, .kind = *offer_kind(offer)});
  };
  addresses_.resolve(boot_now(), std::move(begin));
}

void EndpointState::cancel_attempt(OperationId attempt) {
  const auto found = attempts_.find(attempt);
  if (found == attempts_.end()) return;
  found->second.done = [](const Outcome<Connection>&) {};  // whoever cancels does not wait for it
  cancel(attempt);
}

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
    on_connected(id, attempt, *connected);
  } else if (auto* disconnected = std::get_if<Disconnected>(&event)) {
    finish(id, attempt.is_dialer ? named(std::move(disconnected->why)) : std::move(disconnected->why));
  }
}

void EndpointState::on_connected(OperationId id, const Attempt& attempt, const Connected& connected) {
  if (attempt.pairing) {
    const std::string& name = attempt.pairing->name;
    if (const auto fits = options_.trust.check(name, connected.peer); !fits) return give_up(id, fits.error());
    const auto added = options_.trust.add(name, connected.peer);
    BOOST_ASSERT(added);
  }
  Connection connection = connect(*attempt.link, connected, attempt.is_dialer);
  finish(id, std::move(connection));
}

// give_up ends an attempt whose link goes on: the other side is told.
void EndpointState::give_up(OperationId id, Failure why) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return;
  const LinkId link = *found->second.link;
  finish(id, std::move(why));
  driver_.host().close(link, 0, {}, boot_now());
  driver_.schedule();
}

void EndpointState::deliver(OperationId id, Attempt& attempt, Bytes offer) {
  tell(attempt.on_progress,
       OfferMade{.size = offer.size(),
                 .kind = kind_of(attempt.options, attempt.pairing.has_value()),
                 .expires = wall_now() + std::chrono::ceil<std::chrono::seconds>(attempt.give_up - boot_now())});
  if (attempt.way.send) {
    asio::post(strand(), [send = attempt.way.send, offer = std::move(offer)] { send(offer); });
    return;
  }
  Deliveries::Callbacks callbacks;
  callbacks.delivered = [this, on_progress = attempt.on_progress](const std::string& carrier) {
    tell(on_progress, OfferDelivered{carrier});
  };
  callbacks.failed = [this, on_progress = attempt.on_progress](const std::string& carrier, const Failure& why) {
    tell(on_progress, CarrierStopped{carrier, why});
  };
  callbacks.all_failed = [this, id](const Failure& why) { give_up(id, why); };
  const CarrierDelivery delivery{.offer = std::move(offer),
                                 .recipient = attempt.peer,
                                 .home_relays = attempt.options.home_relays,
                                 .allow_exposed = attempt.options.allow_exposed};
  attempt.deliveries = Deliveries::start(strand(), std::exchange(attempt.way.carriers, {}), delivery, attempt.give_up,
                                         std::move(callbacks));
}

Connection EndpointState::connect(LinkId id, const Connected& connected, bool is_dialer) {
  auto link = std::make_shared<LinkState>(
      driver_,
      LinkState::Facts{.id = id, .peer = connected.peer, .protocol = connected.protocol, .is_dialer = is_dialer});
  links_.emplace(id, link);
  log(LogLevel::kInfo, connected.peer.short_string() + ": connected, protocol " + connected.protocol);
  return ConnectionHandle::connection_of(std::make_shared<ConnectionHandle>(shared_from_this(), std::move(link)));
}

}  // namespace quicket::detail
