#include "tests/sim/world.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace quicket::sim {

namespace {

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return std::byte(random()); });
  return bytes;
}

Address public_address(DeviceId id, std::uint16_t port) {
  const std::array ip{std::byte{198}, std::byte(18 + id / 65'536), std::byte(id / 256), std::byte(id)};
  return Address::from(ip, port).value();
}
Address private_address(DeviceId id) {
  const std::array ip{std::byte{10}, std::byte(id / 65'536), std::byte(id / 256), std::byte(id)};
  return Address::from(ip, 5000).value();
}

// The pattern differs from byte to byte and from megabyte to megabyte.
std::byte pattern(std::size_t at) { return std::byte(at * 131 + at / 257 + at / 65'521); }

transports::NodeConfig config_for(const PeerOptions& options, Random& random) {
  transports::NodeConfig config{.identity = options.identity, .reset_secret = random_bytes(random, 32)};
  config.relays = options.first_relays;
  for (const Relay* relay : options.relays) config.relays.push_back(relay->target());
  config.relay.seed = random();
  return config;
}

}  // namespace

std::uint64_t seed() {
  const char* chosen = std::getenv("QUICKET_SEED");
  const std::uint64_t seed = chosen ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
  std::cout << "seed " << seed << " (replay with QUICKET_SEED=" << seed << ")\n";
  return seed;
}

void Device::send(const AddressPair& addresses, const Batch& batch) {
  world_.network.send(id_, addresses, batch, world_.now());
}
Wire& Device::wire() { return world_.network.wire(id_); }

// Relay

transports::RelayTarget target_of(const quic::Credentials& credentials, const Address& address) {
  RelayPin pin;
  std::ranges::copy(ByteView(credentials.spki_sha256()).first(pin.size()), pin.begin());
  return {.addresses = {address}, .pins = {pin}, .host = address.ip_string(), .port = address.port()};
}

Relay::Relay(World& world, DeviceId id, relay::Limits chosen)
    : Device(world, id),
      limits(chosen),
      credentials_(quic::Credentials::from_ed25519(random_bytes(world.random, 32)).value()),
      reset_secret_(random_bytes(world.random, 32)) {
  start();
}

void Relay::start() {
  relay::EngineConfig config;
  config.credentials = credentials_;
  config.reset_secret = reset_secret_;
  config.limits = limits;
  config.derive_ids = derive_ids;
  engine_ = relay::Engine::create(std::move(config), *this).value();
}

transports::RelayTarget Relay::target() const { return target_of(*credentials_, world_.network.own_address(id())); }

void Relay::change_certificate() {
  credentials_ = quic::Credentials::from_ed25519(random_bytes(world_.random, 32)).value();
  restart();
}

void Relay::receive(const Received& received) {
  if (engine_) engine_->receive(std::span(&received, 1), world_.now());
}

void Relay::on_deadline() {
  if (engine_) engine_->on_deadline(world_.now());
}

// Call

quic::Connection& Call::connection() const {
  quic::Connection* connection = peer_->node_.host().connection(id_);
  BOOST_ASSERT(connection);
  return *connection;
}

const Relay* Call::relay() const {
  const Link* link = peer_->node_.host().link(id_);
  const Leg* leg = link ? link->leg_in_use() : nullptr;
  return leg ? peer_->world_.relay_at(leg->transport->hint().addresses.front()) : nullptr;
}

void Call::close(std::uint64_t code) {
  peer_->node_.host().close(id_, code, {}, peer_->world_.now());
  peer_->world_.touch(*peer_);
}

void Call::cancel() {
  peer_->node_.host().fail(id_, {Errc::kCancelled, {}}, peer_->world_.now());
  peer_->world_.touch(*peer_);
}

bool Call::migrate(std::uint32_t label) {
  const TimePoint now = peer_->world_.now();
  const FrozenClock& clock = peer_->node_.host().link(id_)->clock();
  const bool moved = connection().migrate_now(quic::label_path(label), clock.to_connection(now)).has_value();
  peer_->node_.host().touch(id_, now);
  peer_->world_.touch(*peer_);
  return moved;
}

void Call::transfer(std::size_t bytes) {
  sending.goal = bytes;
  due_ = bytes;
  pump();
  peer_->world_.touch(*peer_);
}

void Call::trickle(std::size_t bytes) {
  ends_ = false;
  transfer(sending.goal + bytes);
}

void Call::pump() {
  quic::Connection* connection = peer_->node_.host().connection(id_);
  if (!connection || !connected() || ended()) return;
  if (!stream_ && due_ > 0 && connection->role() == quic::Role::kClient) {
    const auto opened = connection->open_stream(quic::Direction::kBidirectional);
    if (opened) stream_ = *opened;
  }
  if (!stream_) return;
  while (due_ > 0 && !sending.fin_written && (ends_ || sending.written < sending.goal)) {
    Bytes block(std::min<std::size_t>(sending.goal - sending.written, 64 * 1024));
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = pattern(sending.written + i);
    const bool last = ends_ && sending.written + block.size() == sending.goal;
    const auto taken = connection->write(*stream_, block, last);
    if (!taken) break;
    sending.written += *taken;
    sending.fin_written = last && *taken == block.size();
    if (*taken < block.size()) break;
  }
  Bytes buffer(64 * 1024);
  while (!receiving.fin_read) {
    const auto got = connection->read(*stream_, buffer);
    if (!got) break;
    for (std::size_t i = 0; i < got->size; ++i)
      receiving.intact = receiving.intact && buffer[i] == pattern(receiving.read + i);
    receiving.read += got->size;
    if (got->fin) {
      receiving.fin_read = true;
      receiving.goal = receiving.read;
    }
    if (got->size == 0) break;
  }
  peer_->node_.host().touch(id_, peer_->world_.now());
}

// Peer

Peer::Peer(World& world, DeviceId id, PeerOptions options)
    : Device(world, id), options_(std::move(options)), node_(config_for(options_, world.random), replay_) {}

Call& Peer::add(LinkId id) {
  auto& call = calls_[id];
  if (!call) call = std::make_unique<Call>();
  call->peer_ = this;
  call->id_ = id;
  return *call;
}

Call& Peer::dial(const Peer& other, Duration patience, OfferKind kind) {
  return start({.peer = other.peer_id(),
                .kind = kind,
                .patience = patience,
                .wall_clock = world_.wall_clock(),
                .options = options_.link});
}

Call& Peer::pair(Duration patience) {
  return start({.peer = std::nullopt,
                .kind = OfferKind::kPairing,
                .patience = patience,
                .wall_clock = world_.wall_clock(),
                .options = options_.link});
}

Call& Peer::start(const DialRequest& request) {
  Call& call = add(node_.dial(request, world_.now()).value());
  world_.touch(*this);
  return call;
}

transports::AcceptRules Peer::rules() {
  return {.trusted = trusted_, .allow_unsealed = true, .options = options_.link};
}

transports::AcceptRules Peer::pairing_rules() {
  return {.trusted = {}, .pairing = [](const PeerId&) { return Outcome<>(); }, .options = options_.link};
}

Outcome<Call*> Peer::accept(ByteView offer) { return accept(offer, rules()); }

Outcome<Call*> Peer::accept(ByteView offer, const transports::AcceptRules& rules) {
  const auto id = node_.accept(offer, rules, world_.now(), world_.wall_clock());
  if (!id) return id.error();
  Call& call = add(*id);
  world_.touch(*this);
  return &call;
}

void Peer::receive(const Received& received) { node_.receive(received, world_.now()); }
void Peer::on_deadline() { node_.on_deadline(world_.now()); }

void Peer::flush() {
  node_.transmit(*this, world_.now());
  while (const auto event = node_.poll()) on(event->first, event->second);
  node_.transmit(*this, world_.now());
}

void Peer::on(LinkId id, const LinkEvent& event) {
  Call& call = add(id);
  if (const auto* ready = std::get_if<OfferReady>(&event)) {
    call.offer_ = ready->offer;
  } else if (const auto* connected = std::get_if<Connected>(&event)) {
    call.connected_ = world_.now();
    call.peer_id_ = connected->peer;
    call.pump();
  } else if (const auto* over = std::get_if<Disconnected>(&event)) {
    call.ended_ = over->why;
  } else if (const auto* event_of_stream = std::get_if<quic::Event>(&event)) {
    if (const auto* opened = std::get_if<quic::StreamOpened>(event_of_stream)) {
      if (!call.stream_) call.stream_ = opened->id;
    }
    call.pump();
  }
}

// World

World::~World() { devices_.clear(); }

Device& World::add(std::unique_ptr<Device> device) {
  devices_.push_back(std::move(device));
  set_timer(*devices_.back());
  return *devices_.back();
}

Relay& World::add_relay(relay::Limits limits) {
  return add_device<Relay>(public_address(devices_.size() + 1, 4433), limits);
}

const Relay* World::relay_at(const Address& address) const {
  for (const auto& device : devices_) {
    const auto* relay = dynamic_cast<const Relay*>(device.get());
    if (relay && network.own_address(relay->id()) == address) return relay;
  }
  return nullptr;
}

Peer& World::add_peer(Nat nat, PeerOptions options) {
  const DeviceId next = devices_.size() + 1;
  const Address own = nat == Nat::kNone ? public_address(next, 5000) : private_address(next);
  const DeviceId id = network.add(own, nat, public_address(next, 0));
  return static_cast<Peer&>(add(std::make_unique<Peer>(*this, id, std::move(options))));
}

void World::introduce(Peer& one, Peer& other) {
  one.trust(other);
  other.trust(one);
}

void World::move(Device& device) {
  static constexpr DeviceId kElsewhere = 60'000;
  network.move(device.id(), public_address(kElsewhere + random() % 5000, 5000));
}

void World::suspend(Device& device) {
  device.asleep_ = true;
  set_timer(device);
}

void World::resume(Device& device) {
  device.asleep_ = false;
  set_timer(device);
}

void World::set_timer(Device& device) {
  const auto deadline = device.asleep_ ? std::nullopt : device.deadline();
  if (device.timer_ == deadline) return;
  if (device.timer_) timers_.erase({*device.timer_, device.id()});
  device.timer_ = deadline;
  if (deadline) timers_.emplace(*deadline, device.id());
}

void World::touch(Device& device) {
  device.flush();
  set_timer(device);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const TimePoint end = now_ + limit;
  while (!done()) {
    auto next = network.next();
    if (!timers_.empty() && (!next || timers_.begin()->first < *next)) next = timers_.begin()->first;
    if (!next || *next > end) {
      now_ = end;
      return done();
    }
    now_ = std::max(now_, *next);
    ++steps_;
    network.deliver_due(now_, [&](const Network::Arrival& arrival) {
      if (devices_[arrival.device]->asleep_) return;
      devices_[arrival.device]->receive(arrival.received);
      touch(*devices_[arrival.device]);
    });
    std::vector<DeviceId> due;
    for (auto timer = timers_.begin(); timer != timers_.end() && timer->first <= now_; ++timer)
      due.push_back(timer->second);
    for (const DeviceId id : due) {
      devices_[id]->on_deadline();
      touch(*devices_[id]);
    }
  }
  return true;
}

void World::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

}  // namespace quicket::sim
