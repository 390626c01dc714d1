#pragma once

#include "relay/engine/engine.hpp"
#include "tests/sim/network.hpp"
#include "transports/node/node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace quicket::sim {

using namespace std::chrono_literals;

class World;

// Device is what the world drives: it takes datagrams and time, and sends through the network.
class Device : public DatagramSink {
 public:
  Device(World& world, DeviceId id) : world_(world), id_(id) {}
  void send(const AddressPair& addresses, const Batch& batch) override;

  virtual void receive(const Received& received) = 0;
  virtual std::optional<TimePoint> deadline() const = 0;
  virtual void on_deadline() = 0;
  virtual void flush() {}  // send what may be sent now

  DeviceId id() const noexcept { return id_; }
  Wire& wire();

 protected:
  World& world_;

 private:
  friend class World;
  DeviceId id_;
  std::optional<TimePoint> timer_;  // as it stands in the world's list
  bool asleep_ = false;
};

// target_of describes a relay with these credentials.
transports::RelayTarget target_of(const quic::Credentials& credentials, const Address& address);

// Relay is a relay on the public network. It can stop and start again with what a real one keeps on disk: certificate
// and secret.
class Relay final : public Device {
 public:
  Relay(World& world, DeviceId id, relay::Limits limits);
  transports::RelayTarget target() const;

  void stop() { engine_.reset(); }
  void start();
  void restart() { stop(), start(); }
  // change_certificate restarts it with another one.
  void change_certificate();
  bool is_running() const noexcept { return engine_ != nullptr; }
  relay::Engine& engine() { return *engine_; }
  // limits and derive_ids are what the next start() takes.
  relay::Limits limits;
  relay::RouteTable::DeriveIds derive_ids = relay::derive_ids;

  void receive(const Received& received) override;
  std::optional<TimePoint> deadline() const override { return engine_ ? engine_->deadline() : std::nullopt; }
  void on_deadline() override;

 private:
  std::shared_ptr<const quic::Credentials> credentials_;
  Bytes reset_secret_;
  std::unique_ptr<relay::Engine> engine_;
};

// Flow is one direction of a link's first stream: bytes of a pattern that the reader checks as they come.
struct Flow {
  std::size_t goal = 0, written = 0, read = 0;
  bool fin_written = false, fin_read = false, intact = true;
  bool done() const noexcept { return fin_read && intact && read == goal; }
};

class Peer;

// Call is one link at one peer, as its owner sees it.
class Call {
 public:
  bool connected() const noexcept { return connected_.has_value(); }
  bool ended() const noexcept { return ended_.has_value(); }
  const std::optional<Failure>& why() const noexcept { return ended_; }
  const std::optional<Bytes>& offer() const noexcept { return offer_; }
  TimePoint connected_at() const noexcept { return *connected_; }
  const PeerId& peer_id() const noexcept { return peer_id_; }  // once connected
  quic::Connection& connection() const;
  // relay is the one whose leg is in use, or in doubt; nullptr before that is known.
  const Relay* relay() const;
  void close(std::uint64_t code = 0);
  void cancel();
  // migrate takes the dialer's connection to another path inside QUIC; false: it could not.
  bool migrate(std::uint32_t label);
  // transfer opens the first stream (dialers) or answers on it, and sends that many bytes.
  void transfer(std::size_t bytes);
  // trickle sends that many bytes more on the same stream, which it leaves open.
  void trickle(std::size_t bytes);
  Flow sending, receiving;

 private:
  friend class Peer;
  void pump();

  Peer* peer_ = nullptr;
  LinkId id_{};
  std::optional<TimePoint> connected_;
  PeerId peer_id_;
  std::optional<Failure> ended_;
  std::optional<Bytes> offer_;
  std::optional<quic::StreamId> stream_;
  std::size_t due_ = 0;  // bytes to send that wait for a stream
  bool ends_ = true;     // the stream, with the last of them
};

struct PeerOptions {
  std::vector<Relay*> relays;
  LinkOptions link = {.protocols = {"sim/1"}};
  Identity identity = Identity::generate();
  std::vector<transports::RelayTarget> first_relays = {};  // before those
};

// Peer is a device with an identity: it dials and accepts.
class Peer final : public Device {
 public:
  Peer(World& world, DeviceId id, PeerOptions options);

  const Identity& identity() const { return options_.identity; }
  PeerId peer_id() const { return identity().id(); }
  void trust(const Peer& other) { trusted_.push_back(other.peer_id()); }
  // dial gives the call; its offer() is there once a relay has acknowledged.
  Call& dial(const Peer& other, Duration patience = 15min, OfferKind kind = OfferKind::kSealed);
  // pair calls whoever gets the offer.
  Call& pair(Duration patience = 10min);
  // accept answers an offer; the failure is why it did not.
  Outcome<Call*> accept(ByteView offer);
  Outcome<Call*> accept(ByteView offer, const transports::AcceptRules& rules);
  transports::AcceptRules rules();
  // pairing_rules take pairing offers from anybody.
  transports::AcceptRules pairing_rules();

  transports::Node& node() noexcept { return node_; }

  void receive(const Received& received) override;
  std::optional<TimePoint> deadline() const override { return node_.deadline(); }
  void on_deadline() override;
  void flush() override;

 private:
  friend class Call;
  Call& start(const DialRequest& request);
  Call& add(LinkId id);
  void on(LinkId id, const LinkEvent& event);

  PeerOptions options_;
  std::vector<PeerId> trusted_;
  TransientReplayMemory replay_;
  transports::Node node_;
  std::map<LinkId, std::unique_ptr<Call>> calls_;
};

// World is peers, relays and a network in virtual time. All that is random follows from one seed.
class World {
 public:
  static constexpr UnixTime kWallClock{std::chrono::seconds(1'800'000'000)};

  explicit World(std::uint64_t seed) : random(seed), network(random) {}
  ~World();

  Relay& add_relay(relay::Limits limits = {});
  Peer& add_peer(Nat nat, PeerOptions options);
  // add_device takes any other device, at a public address.
  template <class T, class... Arguments>
  T& add_device(const Address& at, Arguments&&... arguments) {
    const DeviceId id = network.add(at, Nat::kNone, at);
    return static_cast<T&>(add(std::make_unique<T>(*this, id, std::forward<Arguments>(arguments)...)));
  }
  // relay_at is the one at this address; nullptr: none.
  const Relay* relay_at(const Address& address) const;
  // introduce makes two peers trust each other.
  void introduce(Peer& one, Peer& other);
  // rebind and move change how the network sees a device.
  void rebind(Device& device) { network.rebind(device.id()); }
  void move(Device& device);
  // suspend stops a device as a closed lid does: what arrives is lost, and its timers fire after resume().
  void suspend(Device& device);
  void resume(Device& device);

  // run_until steps until `done`, at most for `limit`; says whether it was done. run_for just lets time pass.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration duration);
  // touch sends what a device wants to send after something was done to it from outside.
  void touch(Device& device);

  TimePoint now() const noexcept { return now_; }
  UnixTime wall_clock() const { return kWallClock + std::chrono::duration_cast<std::chrono::seconds>(now_ - kStart); }
  std::uint64_t steps() const noexcept { return steps_; }

  Random random;
  Network network;

 private:
  static constexpr TimePoint kStart{1h};
  void set_timer(Device& device);
  Device& add(std::unique_ptr<Device> device);

  TimePoint now_ = kStart;
  std::uint64_t steps_ = 0;
  std::vector<std::unique_ptr<Device>> devices_;
  std::set<std::pair<TimePoint, DeviceId>> timers_;
};

// seed gives QUICKET_SEED, or a fresh one, and prints it: a failing world is replayed by setting it.
std::uint64_t seed();

}  // namespace quicket::sim
