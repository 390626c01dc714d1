#include "tests/sim/stranger.hpp"

#include "core/identity/proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicket::sim {

using transports::Http3Client;

Stranger::Stranger(World& world, DeviceId id, const Relay& relay)
    : Device(world, id), relay_(relay.target().addresses.front()) {
  connect();
}

void Stranger::connect() {
  transports::Http3ClientConfig config;
  config.verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; };
  client_ = Http3Client::create(std::move(config), {.local = address(), .remote = relay_}, world_.now()).value();
}

StrangersRegistration Stranger::prove(const Identity& key, const transports::RelaySessionId& session) const {
  const auto exporter = client_->exporter(kRegisterExporterLabel, kProofExporterSize).value();
  return {.key = key.id().key(), .session = session, .proof = registration_proof(key, exporter, session)};
}

bool Stranger::submit(const StrangersRegistration& registration) {
  auto request =
      transports::register_request({.authority = "relay.test", .software = {}, .bearer_token = {}}, registration.key,
                                   registration.session, {.first = 1, .num = 64}, {}, registration.proof);
  return client_->request(std::move(request), world_.now()).has_value();
}

int Stranger::fetch(const StrangersRegistration& registration) {
  EXPECT_TRUE(submit(registration));
  last_status_ = 0;
  world_.touch(*this);
  world_.run_until([&] { return last_status_ != 0; }, 5s);
  return last_status_;
}

void Stranger::fill(std::size_t registrations) { to_fill_ = registrations; }

void Stranger::toss(ByteView datagram) {
  send({.local = address(), .remote = relay_}, {.bytes = datagram, .segment_size = datagram.size()});
}

void Stranger::every(Duration pause, std::function<void()> what) {
  pause_ = pause;
  act_ = std::move(what);
  act_at_ = world_.now();
  world_.touch(*this);
}

std::optional<TimePoint> Stranger::deadline() const {
  const auto next = client_->deadline();
  return act_at_ && (!next || *act_at_ < *next) ? act_at_ : next;
}

void Stranger::on_deadline() {
  const TimePoint now = world_.now();
  if (act_at_ && *act_at_ <= now) {
    act_at_ = now + pause_;
    act_();
  }
  if (client_->deadline() && *client_->deadline() <= now) client_->on_deadline(now);
}

void Stranger::flush() {
  while (const auto event = client_->poll()) {
    if (const auto* arrived = std::get_if<Http3Client::ResponseArrived>(&*event))
      ++answers_[last_status_ = arrived->response.status];
  }
  while (to_fill_ > 0 && client_->is_ready()) {
    transports::RelaySessionId session;
    std::ranges::generate(session, [&] { return std::byte(world_.random()); });
    const StrangersRegistration next = prove(Identity::generate(), session);
    if (!submit(next)) break;
    --to_fill_;
    keys_.push_back(next.key);
  }
  client_->transmit(*this, world_.now());
}

}  // namespace quicket::sim
