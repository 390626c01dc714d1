#pragma once

#include "tests/sim/world.hpp"
#include "transports/http3/client.hpp"
#include "transports/relay/request.hpp"
#include "transports/relay/session_id.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace quicket::sim {

// StrangersRegistration is what a stranger registers at a relay.
struct StrangersRegistration {
  PeerId::Key key{};
  transports::RelaySessionId session{};
  std::optional<transports::RegistrationProof> proof;
};

// Stranger is somebody on the network who is no peer: an HTTP/3 client of one relay that sends what the test wants, and
// any datagram besides.
class Stranger final : public Device {
 public:
  Stranger(World& world, DeviceId id, const Relay& relay);

  // connect begins a new connection; the one before is left as it is, without a word to the relay.
  void connect();
  // prove makes a proof for the connection that there is now, which must be up: see is_ready().
  StrangersRegistration prove(const Identity& key, const transports::RelaySessionId& session) const;
  // submit asks for a registration; answers() counts what comes of it, by status. false: too much waits for an answer.
  // fetch waits for the status; 0: none.
  bool submit(const StrangersRegistration& registration);
  int fetch(const StrangersRegistration& registration);
  // fill registers one fresh key after the other, in a session of its own each, as soon as the connection is up.
  void fill(std::size_t registrations);
  // toss sends a datagram from the stranger's own address.
  void toss(ByteView datagram);
  // every makes the stranger do something again and again, from now on.
  void every(Duration pause, std::function<void()> what);

  bool is_ready() const { return client_->is_ready(); }
  const std::map<int, std::size_t>& answers() const { return answers_; }
  const std::vector<PeerId::Key>& keys() const { return keys_; }  // of fill()
  Address address() { return world_.network.own_address(id()); }

  void receive(const Received& received) override { client_->receive(received, world_.now()); }
  std::optional<TimePoint> deadline() const override;
  void on_deadline() override;
  void flush() override;

 private:
  Address relay_;
  std::unique_ptr<transports::Http3Client> client_;
  std::size_t to_fill_ = 0;
  std::vector<PeerId::Key> keys_;
  std::map<int, std::size_t> answers_;
  int last_status_ = 0;
  Duration pause_{};
  std::function<void()> act_;
  std::optional<TimePoint> act_at_;
};

}  // namespace quicket::sim
