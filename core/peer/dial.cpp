#include "core/peer/dial.hpp"

#include "core/base/hash.hpp"
#include "core/base/wiped.hpp"
#include "core/cid/header.hpp"
#include "core/offer/offer.hpp"

#include <algorithm>

namespace quicket {

namespace {

constexpr std::size_t kFlightDatagram = 1500;

// proves_nothing tells what may never reach QUIC: Version Negotiation, Retry and other versions, which anybody can
// write.
bool proves_nothing(ByteView datagram) {
  const auto header = parse_header(datagram, ConnectionId::kDefaultLength);
  if (!header) return true;
  return header->form == HeaderForm::kLong && header->long_type.value_or(LongType::kRetry) == LongType::kRetry;
}

// text_of is for messages: "15 min", "40 s".
std::string text_of(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return seconds >= 120 && seconds % 60 == 0 ? std::to_string(seconds / 60) + " min" : std::to_string(seconds) + " s";
}

JudgeNewPeer welcome_to(const JudgeNewPeer& others, const PeerId& own) {
  return [others, own](const PeerId& peer) {
    if (peer == own) {
      const char* const why = "the pairing offer was answered with this device's own key: it is for the other device";
      return Outcome<>(Failure{Errc::kPairingFailed, why});
    }
    return others ? others(peer) : Outcome<>();
  };
}

}  // namespace

Result<Dial> Dial::start(const DialRequest& request, const Identity& own, ByteView reset_secret, TimePoint now) {
  const bool pairs = request.kind == OfferKind::kPairing;
  const bool in_bounds = request.patience > Duration::zero() && request.patience <= longest_validity(request.kind);
  if (!in_bounds || (!request.peer && !pairs)) return make_error_code(boost::system::errc::invalid_argument);
  std::optional<Sealer> sealer;
  std::optional<Pairing> pairing;
  Bytes secret;
  SessionSecret session{};
  if (request.kind == OfferKind::kSealed) {
    auto created = Sealer::create(own, *request.peer);
    if (!created) return created.error();
    session = created->session_secret();
    sealer.emplace(std::move(*created));
  } else {
    secret.resize(pairs ? kPairingSecret : kOpenSecret);
    random_fill(secret);
    session = unsealed_session_secret(request.kind, secret);
    if (pairs) pairing.emplace(secret, quic::Role::kClient);
  }

  auto check = std::make_shared<PeerCheck>(
      PeerCheck{.expected = request.peer, .welcomes = welcome_to(request.pairing, own.id())});
  Identity key = Identity::generate();
  LinkOptions options = request.options;
  auto policy = link_policy(quic::Role::kClient, own, key, reset_secret, check, options);
  if (!policy) return policy.error();
  policy->initial_rtt = FrozenClock::kPretendedTrip;
  auto connection = quic::Connection::connect(std::move(*policy), Link::handshake_path(), now);
  if (!connection) return connection.error();
  auto link = std::make_unique<Link>(std::move(*connection), std::move(key), session, std::move(check),
                                     std::move(options), false, std::move(pairing));
  Dial dial(std::move(link), std::move(sealer), std::move(secret), request, own.id(), now);
  dial.take_flight(now);
  return dial;
}

Dial::Dial(std::unique_ptr<Link> link, std::optional<Sealer> sealer, Bytes secret, const DialRequest& request,
           PeerId own, TimePoint now)
    : link_(std::move(link)),
      sealer_(std::move(sealer)),
      secret_(std::move(secret)),
      kind_(request.kind),
      peer_(request.peer),
      own_(own),
      expires_(request.wall_clock + std::chrono::ceil<std::chrono::seconds>(request.patience)),
      patience_(request.patience),
      give_up_(now + request.patience),
      register_by_(now + std::min(kRegisterTimeout, request.patience)) {}

void Dial::take_flight(TimePoint now) {
  quic::Connection& connection = link_->connection();
  frozen_ = {.first_id = connection.schedule().at(1),
             .original_id = connection.original_destination_id(),
             .peer_length = connection.schedule().length()};
  Bytes buffer(kFlightDatagram);
  while (const auto written = connection.transmit(buffer, 1, now)) {
    flight_.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(written->size));
  }
  link_->clock().freeze(now);
  link_->settle(now);
}

void Dial::on_report(Transport& transport, const TransportReport& report, TimePoint now) {
  link_->on_report(transport, report, now);
  if (offered_ || link_->has_ended()) return;
  const auto granted = [](const Leg& leg) { return leg.granted; };
  if (const auto* grant = std::get_if<Granted>(&report); grant && !offer_at_) {
    const bool alone = link_->legs().size() == 1;
    offer_at_ = alone ? now : now + std::max(kOtherRelaysWait, grant->round_trip);
  }
  if (offer_at_ && (*offer_at_ <= now || std::ranges::all_of(link_->legs(), granted))) make_offer(now);
}

void Dial::make_offer(TimePoint now) {
  offer_at_.reset();
  if (std::ranges::none_of(link_->legs(), &Leg::granted))
    return;  // what was granted is gone again: the next one counts
  offered_ = true;
  Offer offer;
  offer.expires = expires_;
  offer.flight = flight_;
  link_->drop_ungranted_legs(now);  // the accepter will not hear of them
  for (const Leg& leg : link_->legs()) {
    offer.relays.push_back(leg.transport->hint());
    offer.relays.back().peer_token = leg.token_for_offer;
  }
  if (!sealer_) {
    offer.peer = own_;
    offer.secret = secret_;
  }
  const Wiped written(offer.secret), no_longer_needed(secret_);
  auto bytes = sealer_ ? sealer_->seal(offer) : write_unsealed(offer, kind_);
  if (!bytes) return link_->fail({bytes.error(), {}}, now);
  link_->be_patient();
  link_->push(OfferReady{std::move(*bytes)});
}

bool Dial::receive(Transport& leg, quic::Ecn ecn, ByteView datagram, TimePoint now) {
  if (proves_nothing(datagram)) return false;
  if (!link_->clock().is_frozen()) return link_->receive(leg, ecn, datagram, now);
  const quic::FrozenVerdict verdict = quic::judge_while_frozen(datagram, frozen_);
  const bool refused = verdict == quic::FrozenVerdict::kRefusal && sealer_.has_value();
  if (verdict != quic::FrozenVerdict::kFeed && !refused) {
    if (kept_.size() < kMaxKept) kept_.push_back({&leg, ecn, to_bytes(datagram)});
    return false;
  }
  const bool authentic = link_->receive(leg, ecn, datagram, now);
  if (!link_->connection().has_received_crypto()) return authentic;
  link_->clock().thaw(now);
  if (!link_->has_ended()) link_->push(Answered{});
  for (const Kept& kept : kept_) link_->receive(*kept.leg, kept.ecn, kept.bytes, now);
  kept_.clear();
  return authentic;
}

std::optional<TimePoint> Dial::deadline() const {
  if (link_->is_connected() || link_->has_ended()) return link_->deadline();
  TimePoint next = offered_ ? give_up_ : std::min(give_up_, register_by_);
  for (const auto& other : {offer_at_, link_->deadline()}) {
    if (other && *other < next) next = *other;
  }
  return next;
}

void Dial::on_deadline(TimePoint now) {
  if (offer_at_ && *offer_at_ <= now) make_offer(now);
  link_->on_deadline(now);
  if (link_->is_connected() || link_->has_ended()) return;
  if (!offered_ && now >= register_by_) {
    link_->fail(link_->unregistered(), now);
  } else if (now >= give_up_) {
    const std::string nobody = peer_ ? peer_->to_string() + " did not answer" : "nobody answered";
    link_->fail({Errc::kDialDeadline, nobody + " within " + text_of(patience_)}, now);
  }
}

}  // namespace quicket
