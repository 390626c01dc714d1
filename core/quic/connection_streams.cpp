#include "core/quic/connection.hpp"

#include "core/quic/state.hpp"

#include <algorithm>

namespace quicket::quic {

namespace {

// What a DATAGRAM frame shares its packet with: short header, our longest connection ID, packet number, frame header,
// tag.
constexpr std::size_t kDatagramOverhead = 1 + ConnectionId::kMaxLength + 4 + 3 + 16;

}  // namespace

Result<StreamId> Connection::open_stream(Direction direction) {
  if (state_->closed) return Errc::kConnectionClosed;
  StreamId id = -1;
  const int code = direction == Direction::kBidirectional
                       ? ngtcp2_conn_open_bidi_stream(state_->native.get(), &id, nullptr)
                       : ngtcp2_conn_open_uni_stream(state_->native.get(), &id, nullptr);
  if (code == NGTCP2_ERR_STREAM_ID_BLOCKED) {
    (direction == Direction::kBidirectional ? state_->wants_bidi : state_->wants_uni) = true;
    return Errc::kWouldBlock;
  }
  if (code != 0) return Errc::kInternal;
  state_->streams[id].receive_over = direction == Direction::kUnidirectional;
  return id;
}

Result<std::size_t> Connection::write(StreamId id, ByteView data, bool fin) {
  if (state_->closed) return Errc::kConnectionClosed;
  const auto found = state_->streams.find(id);
  if (found == state_->streams.end()) return Errc::kStreamUnknown;
  Stream& stream = found->second;
  if (stream.stopped) return Errc::kStreamStopped;
  if (stream.send_over || stream.fin_written) return Errc::kStreamUnknown;
  const std::size_t taken = std::min(data.size(), writable(id));
  if (taken > 0 && stream.unacknowledged.size() == 0) ++state_->holding;
  stream.unacknowledged.append(data.first(taken));
  stream.starved = taken < data.size();
  if (fin && taken == data.size()) stream.fin_written = true;
  state_->queue_stream(id, stream);
  return taken;
}

Result<Connection::ReadResult> Connection::read(StreamId id, MutableByteView buffer) {
  const auto found = state_->streams.find(id);
  if (found == state_->streams.end()) return Errc::kStreamUnknown;
  Stream& stream = found->second;
  stream.readable_signalled = false;
  if (stream.reset) return Errc::kStreamReset;
  ReadResult result;
  result.size = stream.received.copy_out(buffer);
  result.fin = stream.fin_received && stream.received.size() == 0;
  if (result.fin) stream.fin_delivered = true;
  if (result.size > 0 && !state_->closed) {
    ngtcp2_conn_extend_max_offset(state_->native.get(), result.size);
    if (!stream.fin_received && !stream.closed)
      ngtcp2_conn_extend_max_stream_offset(state_->native.get(), id, result.size);
  }
  state_->forget_if_done(id);
  return result;
}

std::size_t Connection::readable(StreamId id) const {
  const auto found = state_->streams.find(id);
  return found == state_->streams.end() ? 0 : found->second.received.size();
}

std::size_t Connection::writable(StreamId id) const {
  const auto found = state_->streams.find(id);
  if (found == state_->streams.end() || found->second.send_over || found->second.fin_written) return 0;
  return state_->send_room(found->second);
}

void Connection::reset(StreamId id, std::uint64_t code) {
  const auto found = state_->streams.find(id);
  if (state_->closed || found == state_->streams.end() || found->second.send_over) return;
  found->second.send_over = true;
  ngtcp2_conn_shutdown_stream_write(state_->native.get(), 0, id, code);
}

void Connection::stop_sending(StreamId id, std::uint64_t code) {
  const auto found = state_->streams.find(id);
  if (state_->closed || found == state_->streams.end() || found->second.receive_over) return;
  state_->discard_received(found->second);
  found->second.receive_over = true;
  ngtcp2_conn_shutdown_stream_read(state_->native.get(), 0, id, code);
  state_->forget_if_done(id);
}

std::size_t Connection::max_datagram() const {
  const ngtcp2_transport_params* remote = ngtcp2_conn_get_remote_transport_params(state_->native.get());
  if (!remote || remote->max_datagram_frame_size == 0) return 0;
  const std::size_t packet = ngtcp2_conn_get_path_max_tx_udp_payload_size(state_->native.get());
  constexpr std::size_t kFrameHeader = 3;
  const std::size_t frame =
      remote->max_datagram_frame_size > kFrameHeader ? remote->max_datagram_frame_size - kFrameHeader : 0;
  return std::min(packet - std::min(packet, kDatagramOverhead), frame);
}

Result<void> Connection::send_datagram(ByteView payload) {
  if (state_->closed) return Errc::kConnectionClosed;
  const std::size_t largest = max_datagram();
  if (largest == 0) return Errc::kUnsupported;
  if (payload.size() > largest) return Errc::kTooLarge;
  if (state_->datagrams_out.size() >= state_->policy.datagram_queue) return Errc::kWouldBlock;
  state_->datagrams_out.push_back(to_bytes(payload));
  return {};
}

std::optional<Bytes> Connection::receive_datagram() {
  if (state_->datagrams_in.empty()) return std::nullopt;
  return state_->datagrams_in.take_front();
}

}  // namespace quicket::quic
