#include "core/peer/answer.hpp"

#include <algorithm>

namespace quicket {

Result<Answer> Answer::start(const OpenedOffer& opened, const Identity& own, ByteView reset_secret, LinkOptions options,
                             TimePoint now) {
  if (opened.offer.flight.empty()) return Errc::kOfferMalformed;
  auto check = std::make_shared<PeerCheck>(PeerCheck{.expected = opened.sender});
  Identity key = Identity::generate();
  auto policy = link_policy(quic::Role::kServer, own, key, reset_secret, check, options);
  if (!policy) return policy.error();
  const Duration handshake_timeout = options.handshake_timeout;
  auto connection =
      quic::Connection::accept(std::move(*policy), Link::handshake_path(), opened.offer.flight.front(), now);
  if (connection.has_error())
    return connection.error() == Errc::kProtocolViolation ? Errc::kOfferMalformed : connection.error();
  const bool sealed = opened.kind == OfferKind::kSealed;
  std::optional<Pairing> pairing;
  if (opened.kind == OfferKind::kPairing) pairing.emplace(opened.offer.secret, quic::Role::kServer);
  auto link = std::make_unique<Link>(std::move(*connection), std::move(key), opened.session_secret, std::move(check),
                                     std::move(options), sealed, std::move(pairing));
  for (const Bytes& datagram : opened.offer.flight)
    link->connection().receive(Link::handshake_path(), quic::Ecn::kNotEct, datagram, now);
  // Half a ClientHello would have us go to the relay with nothing to say.
  const quic::Connection& begun = link->connection();
  if (begun.is_closed() || !begun.has_peer_parameters()) return Errc::kOfferMalformed;
  link->take_flight(now);
  return Answer(std::move(link), now + handshake_timeout);
}

void Answer::on_report(Transport& transport, const TransportReport& report, TimePoint now) {
  link_->on_report(transport, report, now);
  if (std::holds_alternative<Granted>(report)) link_->be_patient();
  if (!std::holds_alternative<Opened>(report) || first_sent_at_) return;
  first_sent_at_ = sent_at_ = now;
  repeat_at_ = now + pause_;
}

bool Answer::receive(Transport& leg, quic::Ecn ecn, ByteView datagram, TimePoint now) {
  if (is_waiting() && first_sent_at_) {
    // Which copy is answered cannot be told; of many, most likely the last one.
    const bool is_early = now - *first_sent_at_ <= kLongestRepeat;
    link_->clock().pretend(now - (is_early ? *first_sent_at_ : sent_at_));
  }
  const bool is_authentic = link_->receive(leg, ecn, datagram, now);
  if (is_authentic && is_waiting()) link_->clock().thaw(now);
  return is_authentic;
}

std::optional<TimePoint> Answer::deadline() const {
  const auto next = link_->deadline();
  if (!is_waiting() || link_->has_ended()) return next;
  const TimePoint own = first_sent_at_ ? std::min(repeat_at_, give_up_) : give_up_;
  return next ? std::min(*next, own) : own;
}

void Answer::on_deadline(TimePoint now) {
  link_->on_deadline(now);
  if (!is_waiting() || link_->has_ended()) return;
  if (now >= give_up_) return link_->fail(link_->unfinished(), now);
  if (!first_sent_at_ || now < repeat_at_) return;
  link_->repeat_flight();
  sent_at_ = now;
  pause_ = std::min(2 * pause_, kLongestRepeat);
  repeat_at_ = now + pause_;
}

}  // namespace quicket
