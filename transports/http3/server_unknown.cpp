// What Http3Server does about datagrams that belong to none of its connections.
#include "transports/http3/server.hpp"

#include "core/base/hash.hpp"
#include "core/base/quota_address.hpp"
#include "core/quic/initial.hpp"

#include <array>
#include <utility>

namespace quicket::transports {

namespace {

constexpr std::size_t kMaxAnswers = 1024;  // that wait for transmit()
constexpr Duration kRetryTokenLifetime = std::chrono::seconds(10);

ConnectionId drawn_id() {
  std::array<std::byte, ConnectionId::kDefaultLength> bytes;
  random_fill(bytes);
  bytes[0] |= std::byte{0x80};  // an HTTP/3 one
  return *ConnectionId::from(bytes);
}

// began_nothing: the first packet held nothing of a ClientHello, so that QUIC dropped the connection without a word.
bool began_nothing(const quic::Connection& connection) {
  const auto& reason = connection.close_reason();
  return reason && reason->kind == quic::CloseReason::Kind::kLocal && reason->code == 0;
}

}  // namespace

void Http3Server::receive_unknown(const Received& received, const PacketHeader& header, TimePoint now) {
  if (header.form == HeaderForm::kShort) return send_reset(received, header.destination, now);
  if (!header.long_type) return send_version_negotiation(received, now);
  if (header.long_type == LongType::kInitial) return receive_first(received, now);
  ++counters_.dropped;
}

void Http3Server::receive_first(const Received& received, TimePoint now) {
  const auto packet = quic::read_first_packet(received.bytes);
  if (!packet) {
    ++counters_.dropped;
    return;
  }
  const bool full = entries_.size() >= config_.max_connections ||
                    is_at_limit(quota_address(received.addresses.remote), entries_.size());
  if (draining_ || full) {
    return send_refusal(received, *packet, quic::kConnectionRefused, now);
  }
  const quic::TokenVerdict token =
      quic::check_retry_token(*packet, received.addresses.remote, config_.reset_secret, kRetryTokenLifetime, now);
  switch (token.kind) {
    case quic::TokenVerdict::Kind::kInvalid:
      return send_refusal(received, *packet, quic::kInvalidToken, now);
    case quic::TokenVerdict::Kind::kValid:
      return accept(received, *packet, token.original_destination, now);
    case quic::TokenVerdict::Kind::kNone:
      break;
  }
  if (half_open_ >= config_.max_half_open) return send_retry(received, *packet, now);
  accept(received, *packet, std::nullopt, now);
}

void Http3Server::accept(const Received& received, const quic::FirstPacket& packet,
                         std::optional<ConnectionId> before_retry, TimePoint now) {
  if (!quic::unprotect_initial(received.bytes, packet.destination, quic::Role::kClient)) {
    ++counters_.dropped;  // whoever sends noise is to cost no more than this
    return;
  }
  const ConnectionHandle handle{++last_handle_};
  auto policy = new_policy();
  if (!policy) return;
  auto connection = quic::Connection::accept(std::move(*policy), received.addresses, received.bytes, now, before_retry);
  if (!connection) {
    ++counters_.dropped;
    return;
  }
  auto session = Http3Session::create(std::move(*connection), config_.limits);
  if (!session) return;

  ++half_open_;
  Entry& entry = *entries_.emplace(handle, std::make_unique<Entry>()).first->second;
  entry.handle = handle;
  entry.session = std::move(*session);
  if (before_retry) count(entry, received.addresses.remote);  // its token has validated that
  route(entry, packet.destination);                           // what the client sends until it has our own ID
  entry.session->receive(received.addresses, received, now);
  if (began_nothing(entry.session->connection())) {
    ++counters_.dropped;
    return erase(entry);
  }
  ++counters_.accepted;
  settle(entry, now);
}

// Retries have no rate: they cost less than to judge who is worth one, and without one nobody honest gets in.
void Http3Server::send_retry(const Received& received, const quic::FirstPacket& packet, TimePoint now) {
  auto datagram = quic::retry(packet, received.addresses.remote, drawn_id(), config_.reset_secret, now);
  if (!datagram) return;
  ++counters_.retries;
  answer(received, std::move(*datagram));
}

void Http3Server::send_refusal(const Received& received, const quic::FirstPacket& packet, std::uint64_t code,
                               TimePoint now) {
  ++counters_.refused;
  if (!refusal_bucket_.take(now)) return;
  auto datagram = quic::refusal(packet, code, draining_ ? "shutting down" : "");
  if (datagram) answer(received, std::move(*datagram));
}

// Peers' IDs have a clear top bit: a reset for one of those would end the connection between two peers.
void Http3Server::send_reset(const Received& received, const ConnectionId& destination, TimePoint now) {
  if (destination.belongs_to_peer()) {
    ++counters_.dropped;
    return;
  }
  auto datagram = quic::stateless_reset(received.bytes, destination, config_.reset_secret);
  if (!datagram) {
    ++counters_.dropped;
    return;
  }
  if (!reset_bucket_.take(now)) {
    ++counters_.resets_withheld;
    return;
  }
  ++counters_.resets;
  answer(received, std::move(*datagram));
}

void Http3Server::send_version_negotiation(const Received& received, TimePoint now) {
  auto datagram = quic::version_negotiation(received.bytes);
  if (!datagram || !version_bucket_.take(now)) {
    ++counters_.dropped;
    return;
  }
  ++counters_.version_negotiations;
  answer(received, std::move(*datagram));
}

void Http3Server::answer(const Received& received, Bytes datagram) {
  if (answers_.size() < kMaxAnswers) answers_.emplace_back(received.addresses, std::move(datagram));
}

}  // namespace quicket::transports
