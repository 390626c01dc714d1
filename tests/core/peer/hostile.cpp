#include "tests/core/peer/hostile.hpp"

#include "core/offer/seal.hpp"
#include "core/quic/cursor.hpp"

namespace quicket::test {

namespace {

constexpr UnixTime kExpires{std::chrono::seconds(1'800'000'900)};

}  // namespace

quic::Policy Hostile::policy(quic::Role role, const PeerId& victim) {
  auto check = std::make_shared<PeerCheck>(PeerCheck{.expected = victim, .seen = std::nullopt});
  const LinkOptions options{.protocols = {"any"}, .key_log = [this](std::string_view line) {
                              key_log_ += line;
                              key_log_ += '\n';
                            }};
  return link_policy(role, identity_, key_, Bytes(32, std::byte{9}), check, options).value();
}

void Hostile::join() {
  std::vector<ConnectionId> ids;
  for (std::uint32_t counter = 1; counter <= Link::kWindow; ++counter)
    ids.push_back(connection_->schedule().at(counter));
  board_.join(*this, ids);
}

Bytes Hostile::offer(const PeerId& victim) {
  return Sealer::create(identity_, victim).value().seal(begin(victim)).value();
}

Bytes Hostile::pairing_offer(const PeerId& victim, Bytes secret) {
  Offer offer = begin(victim);
  offer.peer = id();
  offer.secret = std::move(secret);
  return write_unsealed(offer, OfferKind::kPairing).value();
}

Offer Hostile::begin(const PeerId& victim) {
  connection_ =
      quic::Connection::connect(policy(quic::Role::kClient, victim), Link::handshake_path(), board_.now).value();
  Offer offer{.expires = kExpires,
              .relays = {{.addresses = {Address::loopback(4433)}, .pin = RelayPin{}, .host = {}, .peer_token = {}}}};
  Bytes buffer(1500);
  while (const auto written = connection_->transmit(buffer, 1, board_.now))
    offer.flight.push_back(to_bytes(ByteView(buffer).first(written->size)));
  join();
  return offer;
}

void Hostile::answer(ByteView offer, const PeerId& victim) {
  const auto opened = open_offer(offer, identity_, std::vector{victim}).value();
  const Bytes& first = opened.offer.flight.front();
  connection_ =
      quic::Connection::accept(policy(quic::Role::kServer, victim), Link::handshake_path(), first, board_.now).value();
  for (const Bytes& datagram : opened.offer.flight) receive(datagram, board_.now);
  join();
}

void Hostile::say(ByteView bytes, bool end) {
  if (!control_) control_ = connection_->open_stream(quic::Direction::kUnidirectional).value();
  const auto written = connection_->write(*control_, bytes, end);
  BOOST_ASSERT(written && *written == bytes.size());
}

void Hostile::deafen() {
  using quic::test::PacketKeys;
  const auto of_client = PacketKeys::from_log(key_log_, "CLIENT_TRAFFIC_SECRET_0");
  const auto of_server = PacketKeys::from_log(key_log_, "SERVER_TRAFFIC_SECRET_0");
  const bool dials = connection_->role() == quic::Role::kClient;
  own_keys_ = dials ? of_client : of_server;
  victims_keys_ = dials ? of_server : of_client;
  BOOST_ASSERT(own_keys_ && victims_keys_);
}

void Hostile::inject(const ConnectionId& to, ByteView frames, std::uint8_t first_byte) {
  board_.send(own_keys_->seal(to, next_number_++, frames, first_byte));
}

std::optional<Hostile::Close> Hostile::close() const {
  if (close_) return close_;
  const auto& reason = connection_->close_reason();
  using Kind = quic::CloseReason::Kind;
  if (!reason || (reason->kind != Kind::kTransport && reason->kind != Kind::kApplication)) return std::nullopt;
  return Close{reason->kind == Kind::kApplication, reason->code};
}

void Hostile::receive(ByteView datagram, TimePoint now) {
  if (!own_keys_) {
    connection_->receive(connection_->path(), quic::Ecn::kNotEct, datagram, now);
    return;
  }
  ++heard_;
  const auto frames = victims_keys_->open(datagram, ConnectionId::kDefaultLength);
  if (!frames || close_) return;
  quic::Cursor cursor(*frames);  // a closing packet has this frame only
  const std::uint64_t type = cursor.varint();
  if (type == 0x1c || type == 0x1d) close_ = Close{type == 0x1d, cursor.varint()};
}

std::optional<TimePoint> Hostile::deadline() const {
  if (!connection_ || own_keys_ || connection_->is_closed()) return std::nullopt;
  return connection_->deadline();
}

void Hostile::on_deadline(TimePoint now) {
  if (const auto due = deadline(); due && *due <= now) connection_->on_deadline(now);
}

void Hostile::settle(TimePoint now) {
  if (!connection_ || own_keys_) return;
  while (connection_->poll()) {
  }
  Bytes buffer(64 * 1024);
  while (const auto written = connection_->transmit(buffer, 16, now)) {
    for (std::size_t at = 0; at < written->size; at += written->segment_size)
      board_.send(to_bytes(ByteView(buffer).subspan(at, std::min(written->segment_size, written->size - at))));
  }
}

}  // namespace quicket::test
