#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>
#include <quicket/trust.hpp>

#include "core/offer/replay.hpp"
#include "core/offer/seal.hpp"
#include "core/peer/host.hpp"
#include "core/transport/sink.hpp"
#include "transports/relay/client.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace quicket::transports {

struct NodeConfig {
  Identity identity;
  Bytes reset_secret;               // 32 bytes, from which stateless reset tokens derive
  std::vector<RelayTarget> relays;  // that dials use, in order of preference; at most Offer::kMaxRelays
  RelayClientConfig relay;          // how each is talked to
};

// AcceptRules are what an accepter checks before anything leaves the machine.
struct AcceptRules {
  std::vector<PeerId> trusted;  // who may call
  bool allow_unsealed = false;  // open offers, which only prove in the handshake who calls
  bool allow_private_relays =
      false;               // relays at loopback, link-local or private addresses that the configuration does not name
  JudgeNewPeer pairing{};  // set: pairing offers are taken, and no others
  LinkOptions options;
};

// Node is a whole device without its sockets: its connections to peers and the relays through which they run.
//
//   for each datagram:  receive(received, now)
//   at deadline():      on_deadline(now)
//   after any call:     poll() until empty, then transmit()
//
// No I/O; time is an argument. Thread safety: none.
class Node {
 public:
  static constexpr std::size_t kMaxRelays = 64;  // talked to at once

  // `replay` outlives the node.
  Node(NodeConfig config, ReplayMemory& replay);
  ~Node();

  // dial starts calling through the configured relays. OfferReady follows.
  // Errors: kNoRelay, kPeerIdMalformed, kOutOfResources, errc::invalid_argument.
  Outcome<LinkId> dial(const DialRequest& request, TimePoint now);

  // accept answers an offer. Its refusals come before any network activity: those of open_offer(), kOfferExpired,
  // kOfferUnsealed, kOfferForPairing, kOfferNotForPairing, kPairingFailed (this device's own pairing offer), those of
  // AcceptRules::pairing, kOfferRelayRefused, those of ReplayMemory::claim(), kOutOfResources.
  Outcome<LinkId> accept(ByteView offer, const AcceptRules& rules, TimePoint now, UnixTime wall_clock);

  // set_relays changes what later calls of dial() and accept() go by.
  void set_relays(std::vector<RelayTarget> relays) { config_.relays = std::move(relays); }

  void receive(const Received& received, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  std::optional<std::pair<LinkId, LinkEvent>> poll() { return host_.poll(); }

  // exchange sends a request to a relay, signed as this device where `is_signed`; its end comes by exchanged(), unless
  // it is cancelled. Errors: kOutOfResources.
  struct NodeExchange {
    RelayClient* relay;
    ExchangeId id;
    friend auto operator<=>(const NodeExchange&, const NodeExchange&) = default;
  };
  Result<NodeExchange> exchange(const RelayTarget& target, HttpRequest request, bool is_signed, TimePoint deadline,
                                TimePoint now);
  void cancel_exchange(const NodeExchange& exchange, TimePoint now);
  std::optional<std::pair<NodeExchange, Outcome<HttpResponse>>> exchanged();

  // host gives access to the links; Host::touch() follows what is done to a connection.
  Host& host() noexcept { return host_; }

  // close ends every link and leaves the relays in order; is_finished when all has been said, or after a bounded time.
  void close(TimePoint now);
  bool is_finished(TimePoint now) const;

  const std::vector<std::unique_ptr<RelayClient>>& relays() const noexcept { return relays_; }

 private:
  struct OfferedRelay {
    RelayTarget target;
    std::string token;
  };
  Outcome<> judge_sender(const OpenedOffer& opened, const AcceptRules& rules) const;
  Outcome<std::vector<OfferedRelay>> relays_of(const Offer& offer, const AcceptRules& rules) const;
  // add_leg adds the relay to `legs`, once. Errors: kOutOfResources (kMaxRelays, all of them in use).
  Result<void> add_leg(std::vector<Host::LegChoice>& legs, const RelayTarget& target, const std::string& token);
  // relay_at gives the relay's client, a new one where there is none yet. Errors: kOutOfResources.
  Result<RelayClient*> relay_at(const RelayTarget& target, const std::vector<Host::LegChoice>& keep);
  void pump_reports(TimePoint now);

  NodeConfig config_;
  ReplayMemory& replay_;
  std::vector<std::unique_ptr<RelayClient>> relays_;
  Host host_;  // goes before the relays: its links refer to them
  bool closing_ = false;
};

}  // namespace quicket::transports
