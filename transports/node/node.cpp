#include "transports/node/node.hpp"

#include <algorithm>
#include <iterator>

namespace quicket::transports {

namespace {

// is_special tells addresses at which a relay may only be when the owner said so: an offer must not make us talk to our
// own network.
bool is_special(const Address& address) {
  return address.is_unspecified() || address.is_loopback() || address.is_link_local() || address.is_multicast() ||
         address.is_private() || address.port() == 0;
}

RelayTarget target_of(const RelayHint& hint) {
  RelayTarget target;
  target.addresses = hint.addresses;
  if (hint.pin) target.pins = {*hint.pin};
  target.host = hint.host;
  if (!hint.addresses.empty()) target.port = hint.addresses.front().port();
  return target;
}

bool reaches(const RelayTarget& target, const Address& remote) {
  return std::ranges::find(target.addresses, remote) != target.addresses.end();
}

bool are_same(const RelayTarget& one, const RelayTarget& other) {
  const bool same_name = one.pins.empty() && other.pins.empty() && one.host == other.host;
  const bool share_pin = std::ranges::any_of(
      one.pins, [&](const RelayPin& pin) { return std::ranges::find(other.pins, pin) != other.pins.end(); });
  const bool share_address = std::ranges::any_of(one.addresses, [&](const Address& a) { return reaches(other, a); });
  return (same_name || share_pin) && share_address;
}

std::string minutes_ago(UnixTime then, UnixTime now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(now - then).count()) + " min ago";
}

// check_kind: pairing offers are taken where they are asked for, and then alone.
Outcome<> check_kind(OfferKind kind, const AcceptRules& rules) {
  if ((kind == OfferKind::kPairing) != static_cast<bool>(rules.pairing))
    return Failure{rules.pairing ? Errc::kOfferNotForPairing : Errc::kOfferForPairing, {}};
  if (kind == OfferKind::kOpen && !rules.allow_unsealed) return Failure{Errc::kOfferUnsealed, {}};
  return {};
}

}  // namespace

Node::Node(NodeConfig config, ReplayMemory& replay)
    : config_(std::move(config)), replay_(replay), host_(config_.identity, config_.reset_secret) {}

Node::~Node() = default;

Outcome<LinkId> Node::dial(const DialRequest& request, TimePoint now) {
  std::vector<Host::LegChoice> legs;
  for (const RelayTarget& target : config_.relays) {
    if (legs.size() == Offer::kMaxRelays) break;
    if (const auto added = add_leg(legs, target, {}); !added) return Failure{added.error(), {}};
  }
  auto link = host_.dial(request, legs, now);
  if (!link) return Failure{link.error(), {}};
  return *link;
}

Outcome<LinkId> Node::accept(ByteView bytes, const AcceptRules& rules, TimePoint now, UnixTime wall_clock) {
  const auto kind = offer_kind(bytes);
  if (!kind) return Failure{kind.error(), {}};
  if (const auto right = check_kind(*kind, rules); !right) return right.error();
  const auto opened = open_offer(bytes, config_.identity, rules.trusted);
  if (!opened) return Failure{opened.error(), {}};
  if (const auto welcome = judge_sender(*opened, rules); !welcome) return welcome.error();
  const UnixTime expires = opened->offer.expires;
  if (const auto valid = check_expiry(expires, wall_clock, *kind); !valid) {
    const std::string which =
        *kind == OfferKind::kPairing ? "this pairing offer" : "this offer from " + opened->sender.to_string();
    const std::string why = valid.error() == Errc::kOfferExpired
                                ? " expired " + minutes_ago(expires, wall_clock) + ": ask for a new one"
                                : " expires later than any may: one of the two clocks is wrong";
    return Failure{valid.error(), which + why};
  }
  const auto offered = relays_of(opened->offer, rules);
  if (!offered) return offered.error();
  if (const auto first = replay_.claim(opened->id, expires, wall_clock); !first) return first.error();

  std::vector<Host::LegChoice> legs;
  for (const OfferedRelay& one : *offered) {
    if (const auto added = add_leg(legs, one.target, one.token); !added) return Failure{added.error(), {}};
  }
  auto link = host_.accept(*opened, legs, rules.options, now);
  if (!link) return Failure{link.error(), {}};
  return *link;
}

Outcome<> Node::judge_sender(const OpenedOffer& opened, const AcceptRules& rules) const {
  const PeerId& sender = opened.sender;
  if (opened.kind != OfferKind::kPairing) {
    if (std::ranges::find(rules.trusted, sender) != rules.trusted.end()) return {};
    return Failure{Errc::kPeerUnknown, "the offer is from " + sender.to_string() + ", who is not trusted here"};
  }
  if (sender == config_.identity.id()) {
    return Failure{Errc::kPairingFailed,
                   "this pairing offer was made with this device's own key: it is for the other device"};
  }
  return rules.pairing(sender);
}

Outcome<std::vector<Node::OfferedRelay>> Node::relays_of(const Offer& offer, const AcceptRules& rules) const {
  const auto is_configured = [&](const Address& address) {
    return std::ranges::any_of(config_.relays, [&](const RelayTarget& known) { return reaches(known, address); });
  };
  std::vector<OfferedRelay> offered;
  for (const RelayHint& hint : offer.relays) {
    RelayTarget target = target_of(hint);
    std::erase_if(target.addresses, [&](const Address& address) {
      return is_special(address) && !rules.allow_private_relays && !is_configured(address);
    });
    if (target.is_complete()) offered.push_back({std::move(target), hint.peer_token});
  }
  if (!offered.empty()) return offered;
  if (offer.relays.empty() || offer.relays.front().addresses.empty()) return Failure{Errc::kOfferMalformed, {}};
  return Failure{Errc::kOfferRelayRefused,
                 "the offer's relay " + offer.relays.front().addresses.front().to_string() +
                     " is at a private address that is not configured here; if you know it: quicket relay add"};
}

Result<void> Node::add_leg(std::vector<Host::LegChoice>& legs, const RelayTarget& target, const std::string& token) {
  const auto relay = relay_at(target, legs);
  if (!relay) return relay.error();
  const bool is_chosen = std::ranges::find(legs, *relay, &Host::LegChoice::transport) != legs.end();
  if (!is_chosen) legs.push_back({*relay, token});
  return {};
}

Result<RelayClient*> Node::relay_at(const RelayTarget& target, const std::vector<Host::LegChoice>& keep) {
  const auto found =
      std::ranges::find_if(relays_, [&](const auto& relay) { return are_same(relay->target(), target); });
  if (found != relays_.end()) return found->get();
  if (relays_.size() >= kMaxRelays) {  // one makes room that nobody needs any more
    const auto idle = std::ranges::find_if(relays_, [&](const auto& relay) {
      const bool is_kept = std::ranges::find(keep, relay.get(), &Host::LegChoice::transport) != keep.end();
      return relay->is_idle() && !relay->is_connected() && !is_kept && !host_.uses(*relay);
    });
    if (idle == relays_.end()) return Errc::kOutOfResources;
    relays_.erase(idle);
  }
  return relays_.emplace_back(std::make_unique<RelayClient>(target, config_.relay)).get();
}

Result<Node::NodeExchange> Node::exchange(const RelayTarget& target, HttpRequest request, bool is_signed,
                                          TimePoint deadline, TimePoint now) {
  const auto relay = relay_at(target, {});
  if (!relay) return relay.error();
  const Identity* signer = is_signed ? &config_.identity : nullptr;
  return NodeExchange{*relay, (*relay)->exchange({std::move(request), signer, deadline}, now)};
}

void Node::cancel_exchange(const NodeExchange& exchange, TimePoint now) {
  for (const auto& relay : relays_) {
    if (relay.get() == exchange.relay) relay->cancel_exchange(exchange.id, now);
  }
}

std::optional<std::pair<Node::NodeExchange, Outcome<HttpResponse>>> Node::exchanged() {
  for (const auto& relay : relays_) {
    if (auto done = relay->exchanged())
      return std::pair(NodeExchange{relay.get(), done->id}, std::move(done->response));
  }
  return std::nullopt;
}

void Node::receive(const Received& received, TimePoint now) {
  // Only a relay's address brings anything. Several may be stated at one address, with different certificates: what is
  // for a link came by the one that was reached there.
  const Address& remote = received.addresses.remote;
  const auto is_there = [&](const auto& relay) { return reaches(relay->target(), remote); };
  auto leg = std::ranges::find_if(relays_, [&](const auto& relay) { return relay->remote() == remote; });
  if (leg == relays_.end()) leg = std::ranges::find_if(relays_, is_there);
  if (leg == relays_.end()) return;
  switch (host_.receive(**leg, received, now)) {
    case Receipt::kStray:
      // The relay's own word, even where it looks like nothing at all: a stateless reset has a random connection ID.
      for (const auto& relay : relays_) {
        if (is_there(relay)) relay->receive(received, now);
      }
      break;
    case Receipt::kUnproven:  // what anybody may have sent is no sign that this path works
      break;
    case Receipt::kAuthentic:
      (*leg)->on_peer_datagram(received.bytes.size(), now);
  }
  pump_reports(now);
}

void Node::pump_reports(TimePoint now) {
  for (const auto& relay : relays_) {
    while (const auto report = relay->report()) host_.on_report(*relay, *report, now);
  }
}

void Node::transmit(DatagramSink& sink, TimePoint now) {
  // A registration leaves before what it opens the way for, and what the links then want registered leaves in the same
  // breath.
  for (int pass = 0; pass < 2; ++pass) {
    for (const auto& relay : relays_) relay->transmit(sink, now);
    pump_reports(now);
    host_.transmit(sink, now);
  }
}

std::optional<TimePoint> Node::deadline() const {
  auto next = host_.deadline();
  for (const auto& relay : relays_) {
    const auto due = relay->deadline();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void Node::on_deadline(TimePoint now) {
  for (const auto& relay : relays_) {
    if (relay->deadline() && *relay->deadline() <= now) relay->on_deadline(now);
  }
  pump_reports(now);
  host_.on_deadline(now);
  if (closing_ && host_.links() == 0) {
    for (const auto& relay : relays_) relay->close(now);
  }
}

void Node::close(TimePoint now) {
  closing_ = true;
  host_.close_all(now);
  if (host_.links() == 0) on_deadline(now);
}

bool Node::is_finished(TimePoint now) const {
  return closing_ && host_.links() == 0 &&
         std::ranges::all_of(relays_, [&](const auto& relay) { return relay->is_finished(now); });
}

}  // namespace quicket::transports
