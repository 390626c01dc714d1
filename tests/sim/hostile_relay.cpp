#include "tests/sim/hostile_relay.hpp"

#include <algorithm>
#include <utility>

namespace quicket::sim {

namespace h3 {

namespace {

constexpr std::uint64_t kData = 0, kHeaders = 1;

// prefixed is an integer of QPACK (RFC 7541 section 5.1) whose first byte has `bits` for it.
Bytes prefixed(unsigned first, unsigned bits, std::uint64_t value) {
  const std::uint64_t most = (1u << bits) - 1;
  if (value < most) return {std::byte(first | value)};
  Bytes bytes{std::byte(first | most)};
  for (value -= most; value >= 128; value /= 128) bytes.push_back(std::byte(value % 128 | 128));
  bytes.push_back(std::byte(value));
  return bytes;
}

}  // namespace

Bytes varint(std::uint64_t value) {
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(std::byte(value >> shift & 0xff));
  bytes[0] |= std::byte{0xc0};
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes frame(std::uint64_t type, const Bytes& payload) {
  return joined({varint(type), varint(payload.size()), payload});
}

Bytes field(std::string_view name, std::string_view value) {
  return joined({prefixed(0x20, 3, name.size()), to_bytes(as_bytes(name)), prefixed(0, 7, value.size()),
                 to_bytes(as_bytes(value))});
}

Bytes head(int status, const std::vector<transports::HttpHeader>& fields) {
  Bytes section = joined({Bytes(2), field(":status", std::to_string(status))});
  for (const auto& [name, value] : fields) section = joined({section, field(name, value)});
  return frame(kHeaders, section);
}

Bytes response(int status, const std::vector<transports::HttpHeader>& fields, const Bytes& body) {
  std::vector<transports::HttpHeader> all = fields;
  if (!body.empty() && !transports::find_header(all, "content-type"))
    all.push_back({"content-type", "application/protobuf"});
  return joined({head(status, all), body.empty() ? Bytes() : frame(kData, body)});
}

Bytes response(const google::protobuf::MessageLite& message) {
  return response(200, {}, to_bytes(as_bytes(message.SerializeAsString())));
}

}  // namespace h3

namespace {

Bytes drawn(Random& random) {
  Bytes bytes(32);
  std::ranges::generate(bytes, [&] { return std::byte(random()); });
  return bytes;
}

// Reader takes apart what our own client wrote, which is well-formed.
struct Reader {
  ByteView rest;
  std::uint64_t varint() {
    const std::size_t size = std::size_t{1} << (std::to_integer<unsigned>(rest[0]) >> 6);
    std::uint64_t value = std::to_integer<unsigned>(rest[0]) & 0x3f;
    for (std::size_t i = 1; i < size; ++i) value = value << 8 | std::to_integer<unsigned>(rest[i]);
    rest = rest.subspan(size);
    return value;
  }
  ByteView bytes(std::size_t size) { return std::exchange(rest, rest.subspan(size)).first(size); }
};

Bytes body_of(ByteView request) {
  Bytes body;
  for (Reader reader{request}; !reader.rest.empty();) {
    const bool is_data = reader.varint() == 0;
    const ByteView payload = reader.bytes(reader.varint());
    if (is_data) body.insert(body.end(), payload.begin(), payload.end());
  }
  return body;
}

void write_address(const Address& address, v1::Address& message) {
  message.set_ip(std::string(as_text(address.ip())));
  message.set_port(address.port());
}

}  // namespace

bool HostileRelay::Client::say(quic::StreamId stream, const Bytes& bytes, bool fin) {
  return connection->write(stream, bytes, fin).has_value();
}

HostileRelay::HostileRelay(World& world, DeviceId id)
    : Device(world, id), credentials_(quic::Credentials::from_ed25519(drawn(world.random)).value()) {}

transports::RelayTarget HostileRelay::target() const { return target_of(*credentials_, address()); }

void HostileRelay::turn(Ways chosen) {
  ways_ = std::move(chosen);
  next_beat_.reset();
  world_.touch(*this);
}

void HostileRelay::change_certificate() {
  credentials_ = quic::Credentials::from_ed25519(drawn(world_.random)).value();
  for (const auto& client : clients_) client->connection->close(0x100, "new certificate", true, world_.now());
  world_.touch(*this);
}

void HostileRelay::greet_well(Client& client) {
  client.control = client.connection->open_stream(quic::Direction::kUnidirectional).value();
  client.say(client.control, h3::joined({h3::varint(0), h3::frame(4, {})}));
}

void HostileRelay::answer_info_well(const Question& question) {
  question.client.say(question.stream, h3::response(404), true);
}

v1::RegisterResponse HostileRelay::grant(const Question& question) const {
  v1::RegisterResponse granted;
  write_address(question.client.path.remote, *granted.mutable_observed());
  granted.set_lease_seconds(120);
  granted.set_first(std::max(1u, question.wanted.first()));
  granted.set_num(question.wanted.num());
  return granted;
}

void HostileRelay::answer_well(const Question& question) {
  if (question.is_info) return answer_info_well(question);
  question.client.say(question.stream, h3::response(grant(question)), true);
}

void HostileRelay::later(const Client& client, Duration pause, std::function<void(Client&)> what) {
  later_.emplace(world_.now() + pause, Later{client.number, std::move(what)});
}

quic::Policy HostileRelay::policy() {
  return {.role = quic::Role::kServer,
          .cids = Schedule::create(drawn(world_.random), Owner::kHttp3).value(),
          .tls = {.own = credentials_, .alpn = {"h3"}, .web_signatures = true},
          .reset_secret = drawn(world_.random)};
}

HostileRelay::Client* HostileRelay::find(const ConnectionId& id) {
  const auto found = std::ranges::find_if(clients_, [&](const auto& client) {
    return client->connection->original_destination_id() == id || client->connection->counter_of(id);
  });
  return found == clients_.end() ? nullptr : found->get();
}

HostileRelay::Client* HostileRelay::accept(const Received& received) {
  auto connection = quic::Connection::accept(policy(), received.addresses, received.bytes, world_.now());
  if (!connection) return nullptr;
  ++connections;
  clients_.push_back(std::make_unique<Client>());
  Client& client = *clients_.back();
  client.number = ++last_number_;
  client.connection = std::move(*connection);
  client.path = received.addresses;
  return &client;
}

void HostileRelay::receive(const Received& received) {
  const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
  if (!header || header->destination.belongs_to_peer()) return;
  ++datagrams;
  Client* client = find(header->destination);
  if (!client) client = accept(received);
  if (!client) return;
  client->connection->receive(received.addresses, received.ecn, received.bytes, world_.now());
  take_events(*client);
}

void HostileRelay::take_events(Client& client) {
  while (const auto event = client.connection->poll()) {
    if (const auto* readable = std::get_if<quic::StreamReadable>(&*event)) read(client, readable->id);
    if (std::holds_alternative<quic::HandshakeCompleted>(*event)) {
      client.is_greeted = true;
      ways_.greet(*this, client);
    }
  }
}

void HostileRelay::read(Client& client, quic::StreamId stream) {
  Bytes buffer(16 * 1024);
  for (;;) {
    const auto got = client.connection->read(stream, buffer);
    if (!got || quic::is_unidirectional(stream)) {
      if (!got || got->size == 0) return;
      continue;
    }
    Bytes& arrived = client.arrived[stream];
    arrived.insert(arrived.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size));
    if (got->fin) break;
    if (got->size == 0) return;
  }
  const Bytes body = body_of(client.arrived[stream]);
  client.arrived.erase(stream);
  client.asked.push_back(stream);
  ++requests;
  Question question{.client = client, .stream = stream, .wanted = {}, .is_info = body.empty()};
  question.wanted.ParseFromArray(body.data(), static_cast<int>(body.size()));
  ways_.answer(*this, question);
}

std::optional<TimePoint> HostileRelay::deadline() const {
  std::optional<TimePoint> earliest = clients_.empty() ? std::nullopt : next_beat_;
  const auto consider = [&](const std::optional<TimePoint>& other) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  };
  for (const auto& client : clients_) consider(client->connection->deadline());
  if (!later_.empty()) consider(later_.begin()->first);
  return earliest;
}

void HostileRelay::on_deadline() {
  const TimePoint now = world_.now();
  for (const auto& client : clients_) {
    const auto due = client->connection->deadline();
    if (due && *due <= now) client->connection->on_deadline(now);
  }
  while (!later_.empty() && later_.begin()->first <= now) {
    const Later next = later_.extract(later_.begin()).mapped();
    const auto found = std::ranges::find(clients_, next.client, [](const auto& client) { return client->number; });
    if (found != clients_.end()) next.what(**found);
  }
  if (!next_beat_ || now < *next_beat_) return;
  next_beat_ = now + ways_.beat;
  for (const auto& client : clients_) {
    if (client->is_greeted && !client->connection->is_closed()) ways_.go_on(*this, *client);
  }
}

void HostileRelay::transmit(Client& client) {
  constexpr std::size_t kSegments = 16;
  Bytes buffer(kSegments * 1200);
  while (const auto written = client.connection->transmit(buffer, kSegments, world_.now())) {
    send({.local = address(), .remote = written->path.remote},
         {.bytes = ByteView(buffer).first(written->size), .segment_size = written->segment_size});
  }
}

void HostileRelay::flush() {
  for (const auto& client : clients_) {
    take_events(*client);
    transmit(*client);
  }
  std::erase_if(clients_, [&](const auto& client) { return client->connection->is_finished(world_.now()); });
  if (ways_.go_on && !next_beat_) next_beat_ = world_.now() + ways_.beat;
}

}  // namespace quicket::sim
