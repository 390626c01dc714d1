#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/offer/seal.hpp"
#include "core/peer/link.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace quicket {

// Answer is an accepter's beginning: it makes the connection from the offer's flight, registers, and answers right
// behind the registration. While nothing has come back it feeds the flight again, for QUIC's anti-amplification limit
// counts only what the carrier brought (RFC 9000 section 8.1; docs/protocol.md "Handshake").
class Answer {
 public:
  static constexpr int kMaxFeeds = 8;  // of the flight again

  // start creates the connection; `link` then takes legs. The caller has checked expiry, replay and whom it trusts.
  // Errors: kOfferMalformed: the flight starts no connection.
  static Result<Answer> start(const OpenedOffer& opened, const Identity& own, ByteView reset_secret,
                              LinkOptions options, TimePoint now);

  Link& link() noexcept { return *link_; }

  void on_report(Transport& transport, const TransportReport& report, TimePoint now);
  // receive says whether the datagram was authentic.
  bool receive(Transport& leg, quic::Ecn ecn, ByteView datagram, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

 private:
  Answer(std::unique_ptr<Link> link, std::vector<Bytes> flight) : link_(std::move(link)), flight_(std::move(flight)) {}
  void feed(TimePoint now);

  std::unique_ptr<Link> link_;
  std::vector<Bytes> flight_;
  std::optional<TimePoint> feed_at_;
  int feeds_ = 0;
};

}  // namespace quicket
