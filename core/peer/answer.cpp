#include "core/peer/answer.hpp"

#include <algorithm>

namespace quicket {

Result<Answer> Answer::start(const OpenedOffer& opened, const Identity& own, ByteView reset_secret, LinkOptions options,
                             TimePoint now) {
  if (opened.offer.flight.empty()) return Errc::kOfferMalformed;
  auto check = std::make_shared<PeerCheck>(PeerCheck{.expected = opened.sender, .seen = std::nullopt});
  Identity key = Identity::generate();
  auto policy = Link::policy_for(quic::Role::kServer, own, key, reset_secret, check, options);
  if (!policy) return policy.error();
  auto connection =
      quic::Connection::accept(std::move(*policy), Link::handshake_path(), opened.offer.flight.front(), now);
  if (connection.has_error())
    return connection.error() == Errc::kProtocolViolation ? Errc::kOfferMalformed : connection.error();
  const bool sealed = opened.kind == OfferKind::kSealed;
  auto link = std::make_unique<Link>(std::move(*connection), std::move(key), opened.session_secret, std::move(check),
                                     std::move(options), sealed);
  Answer answer(std::move(link), opened.offer.flight);
  answer.feed(now);
  // Half a ClientHello would have us go to the relay with nothing to say.
  const quic::Connection& begun = answer.link_->connection();
  if (begun.is_closed() || !begun.has_peer_parameters()) return Errc::kOfferMalformed;
  return answer;
}

void Answer::feed(TimePoint now) {
  for (const Bytes& datagram : flight_)
    link_->connection().receive(Link::handshake_path(), quic::Ecn::kNotEct, datagram, now);
  link_->settle(now);
}

void Answer::on_report(Transport& transport, const TransportReport& report, TimePoint now) {
  link_->on_report(transport, report, now);
  if (std::holds_alternative<Granted>(report) && feeds_ == 0 && !feed_at_)
    feed_at_ = now + link_->connection().statistics().pto;
}

bool Answer::receive(Transport& leg, quic::Ecn ecn, ByteView datagram, TimePoint now) {
  if (!link_->receive(leg, ecn, datagram, now)) return false;
  feed_at_.reset();  // the dialer has the answer: from here on QUIC repeats what is lost
  feeds_ = kMaxFeeds;
  return true;
}

std::optional<TimePoint> Answer::deadline() const {
  const auto next = link_->deadline();
  return feed_at_ && (!next || *feed_at_ < *next) ? feed_at_ : next;
}

void Answer::on_deadline(TimePoint now) {
  if (feed_at_ && *feed_at_ <= now) {
    feed_at_ = ++feeds_ < kMaxFeeds ? std::optional(now + link_->connection().statistics().pto) : std::nullopt;
    feed(now);
  }
  link_->on_deadline(now);
}

}  // namespace quicket
