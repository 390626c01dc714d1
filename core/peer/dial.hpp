#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "core/offer/seal.hpp"
#include "core/peer/link.hpp"
#include "core/quic/initial_filter.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace quicket {

// DialRequest says whom to call and for how long.
struct DialRequest {
  std::optional<PeerId> peer;           // only a pairing offer may leave it open: whoever has that and can prove it,
  JudgeNewPeer pairing{};               // if this agrees (nothing: always), and who is not the dialer itself
  OfferKind kind = OfferKind::kSealed;  // else whoever reads it in time can end the dial, and sees who calls from where
  Duration patience =
      std::chrono::minutes(15);  // until connected, longest_validity(kind) at most; the offer expires then
  UnixTime wall_clock{};         // the time of day at the start
  LinkOptions options;
};

// Dial is a dialer's beginning: it makes the first flight, registers, makes the offer, and lets nothing but a true
// answer wake the connection, whose clock stands still meanwhile (docs/protocol.md "Handshake").
class Dial {
 public:
  // Several relays: the offer leaves this long, or the first relay's round trip if that is longer, after the first
  // relay acknowledged.
  static constexpr Duration kOtherRelaysWait = std::chrono::milliseconds(100);
  static constexpr Duration kRegisterTimeout = std::chrono::seconds(10);  // for the first acknowledgement
  static constexpr std::size_t kMaxKept = 8;                              // datagrams that wait for the clock to resume

  // start creates the connection; `link` then takes legs. Errors: kPeerIdMalformed, errc::invalid_argument.
  static Result<Dial> start(const DialRequest& request, const Identity& own, ByteView reset_secret, TimePoint now);

  Link& link() noexcept { return *link_; }

  // on_report and receive stand before the link's own until the answer is there. receive says whether the datagram was
  // authentic; what a frozen dial keeps for later is not, so far.
  void on_report(Transport& transport, const TransportReport& report, TimePoint now);
  bool receive(Transport& leg, quic::Ecn ecn, ByteView datagram, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

 private:
  struct Kept {
    Transport* leg;
    quic::Ecn ecn;
    Bytes bytes;
  };

  Dial(std::unique_ptr<Link> link, std::optional<Sealer> sealer, Bytes secret, const DialRequest& request, PeerId own,
       TimePoint now);
  void take_flight(TimePoint now);
  void make_offer(TimePoint now);

  std::unique_ptr<Link> link_;
  std::optional<Sealer> sealer_;
  Bytes secret_;  // for the offer, where that is not sealed
  OfferKind kind_;
  std::optional<PeerId> peer_;
  PeerId own_;
  UnixTime expires_;
  quic::FrozenDial frozen_;
  std::vector<Bytes> flight_;
  Fifo<Kept> kept_;
  Duration patience_;
  TimePoint give_up_, register_by_;
  std::optional<TimePoint> offer_at_;
  bool offered_ = false;
};

}  // namespace quicket
