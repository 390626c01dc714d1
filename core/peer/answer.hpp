#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/offer/seal.hpp"
#include "core/peer/link.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace quicket {

// Answer is an accepter's beginning: it makes the connection from the offer's flight, registers, and answers right
// behind the registration. Until something comes back it repeats its first datagrams, as they were, and the
// connection's clock stands still: the dialer may have to find its relay again, and QUIC alone would soon try only once
// in many seconds (docs/protocol.md "Handshake").
class Answer {
 public:
  static constexpr Duration kFirstRepeat = std::chrono::milliseconds(300);  // doubles, up to
  static constexpr Duration kLongestRepeat = std::chrono::seconds(1);

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
  Answer(std::unique_ptr<Link> link, TimePoint give_up) : link_(std::move(link)), give_up_(give_up) {}
  bool is_waiting() const noexcept { return link_->clock().is_frozen(); }

  std::unique_ptr<Link> link_;
  TimePoint give_up_;  // while nothing has come back
  std::optional<TimePoint> first_sent_at_;
  TimePoint sent_at_{}, repeat_at_{};  // last, next; once first_sent_at_
  Duration pause_ = kFirstRepeat;
};

}  // namespace quicket
