#include "core/quic/state.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <netinet/in.h>

namespace quicket::quic {

namespace {

ngtcp2_addr native_address(const Address& address, ngtcp2_sockaddr_union& storage) {
  if (address.is_v4()) {
    storage.in = {.sin_family = AF_INET, .sin_port = htons(address.port())};
    std::memcpy(&storage.in.sin_addr, address.ip().data(), 4);
    return {&storage.sa, sizeof storage.in};
  }
  storage.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(address.port())};
  std::memcpy(&storage.in6.sin6_addr, address.ip().data(), 16);
  return {&storage.sa, sizeof storage.in6};
}

Address address_of(const ngtcp2_addr& address) {
  if (address.addrlen == sizeof(sockaddr_in)) {
    const auto& in = *reinterpret_cast<const sockaddr_in*>(address.addr);
    return Address::from(std::as_bytes(std::span(&in.sin_addr, 1)), ntohs(in.sin_port)).value();
  }
  BOOST_ASSERT(address.addrlen == sizeof(sockaddr_in6));
  const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(address.addr);
  return Address::from(std::as_bytes(std::span(&in6.sin6_addr, 1)), ntohs(in6.sin6_port)).value();
}

// took_from_stream notes that ngtcp2 took `count` bytes (and the end, when it was offered and all went).
void took_from_stream(Stream& stream, std::size_t count, bool offered_fin) {
  stream.unacknowledged.take(count);
  if (offered_fin && stream.unsent() == 0) stream.fin_sent = true;
}

// write_datagram_frame tries the oldest waiting DATAGRAM frame. Zero: nothing was written.
ngtcp2_ssize write_datagram_frame(ConnectionState& state, ngtcp2_path_storage& path, ngtcp2_pkt_info& info,
                                  MutableByteView out) {
  if (state.datagrams_out.empty() || !state.handshake_completed) return 0;
  Bytes& payload = state.datagrams_out.front();
  const ngtcp2_vec piece{octets(MutableByteView(payload)), payload.size()};
  int accepted = 0;
  const ngtcp2_ssize written =
      ngtcp2_conn_writev_datagram(state.native.get(), &path.path, &info, octets(out), out.size(), &accepted,
                                  NGTCP2_WRITE_DATAGRAM_FLAG_NONE, 0, &piece, 1, to_native(state.now));
  if (accepted || written == NGTCP2_ERR_INVALID_STATE || written == NGTCP2_ERR_INVALID_ARGUMENT)
    state.datagrams_out.pop_front();
  if (written == NGTCP2_ERR_INVALID_STATE || written == NGTCP2_ERR_INVALID_ARGUMENT) return 0;
  return written;
}

// write_packet lets ngtcp2 fill one datagram from everything that waits. Zero: nothing may be sent now.
ngtcp2_ssize write_packet(ConnectionState& state, ngtcp2_path_storage& path, ngtcp2_pkt_info& info,
                          MutableByteView out) {
  if (const ngtcp2_ssize written = write_datagram_frame(state, path, info, out); written != 0) return written;
  for (;;) {
    StreamId id = -1;
    Stream* stream = nullptr;
    std::array<ngtcp2_vec, 16> pieces;
    std::size_t count = 0;
    bool fin = false;
    const std::uint64_t credit = ngtcp2_conn_get_max_data_left(state.native.get());
    while (!state.to_send.empty() && !stream) {
      const auto found = state.streams.find(state.to_send.front());
      if (found != state.streams.end() && found->second.has_something_to_send()) {
        if (credit == 0 && found->second.unsent() > 0) break;
        id = found->first;
        stream = &found->second;
        count = stream->unacknowledged.view(pieces, out.size());
        std::size_t offered = 0;
        for (std::size_t i = 0; i < count; ++i) offered += pieces[i].len;
        fin = stream->fin_written && offered == stream->unsent();
      } else {
        if (found != state.streams.end()) found->second.queued = false;
        state.to_send.pop_front();
      }
    }

    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
    if (fin) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize written =
        ngtcp2_conn_writev_stream(state.native.get(), &path.path, &info, octets(out), out.size(), &taken, flags, id,
                                  pieces.data(), count, to_native(state.now));
    if (stream && taken >= 0) took_from_stream(*stream, static_cast<std::size_t>(taken), fin);

    const auto leave_line = [&] {
      stream->queued = false;
      state.to_send.pop_front();
    };
    if (written == NGTCP2_ERR_WRITE_MORE) {
      if (!stream->has_something_to_send()) leave_line();
      continue;
    }
    if (stream && (written == NGTCP2_ERR_STREAM_DATA_BLOCKED || written == NGTCP2_ERR_STREAM_SHUT_WR ||
                   written == NGTCP2_ERR_STREAM_NOT_FOUND)) {
      leave_line();
      if (written == NGTCP2_ERR_STREAM_SHUT_WR && !stream->send_over) {
        stream->send_over = stream->stopped = true;
        state.events.push_back(StreamStopped{id, 0});
      }
      continue;
    }
    const bool is_alone = state.to_send.size() == 1;
    if (stream && written > 0 && !is_alone) {  // a packet is full: the next stream's turn
      state.to_send.pop_front();
      stream->queued = false;
      state.queue_stream(id, *stream);
    }
    return written;
  }
}

}  // namespace

NativePath::NativePath(const Path& path) {
  path_.local = native_address(path.local, local_);
  path_.remote = native_address(path.remote, remote_);
}

Path from_native(const ngtcp2_path& path) {
  return {.local = address_of(path.local), .remote = address_of(path.remote)};
}

bool ConnectionState::may_send(const Path& path, std::size_t bytes) {
  return !budget || budget->take(path.remote, bytes);
}

std::optional<Transmit> Connection::transmit(MutableByteView buffer, std::size_t max_segments, TimePoint now) {
  ConnectionState& state = *state_;
  state.now = now;
  if (state.closed) {
    if (!state.close_due || state.close_packet.size() > buffer.size()) return std::nullopt;
    state.close_due = false;
    if (!state.may_send(state.close_path, state.close_packet.size())) return std::nullopt;
    std::ranges::copy(state.close_packet, buffer.begin());
    return Transmit{state.close_path, Ecn::kNotEct, state.close_packet.size(), state.close_packet.size()};
  }
  if (state.held_back) {
    BOOST_ASSERT(state.held_back->second.size() <= buffer.size());
    std::ranges::copy(state.held_back->second, buffer.begin());
    const Transmit transmit = state.held_back->first;
    state.held_back.reset();
    return transmit;
  }

  const std::size_t payload = std::max(state.policy.max_udp_payload, kSmallestPayload);
  BOOST_ASSERT(buffer.size() >= payload);
  const std::size_t quantum = std::max(ngtcp2_conn_get_send_quantum(state.native.get()), payload);
  std::optional<Transmit> transmit;
  std::array<ngtcp2_path_storage, 2> paths;  // of the first packet, and of the last
  for (std::size_t segments = 0; segments < max_segments; ++segments) {
    const std::size_t used = transmit ? transmit->size : 0;
    if (buffer.size() - used < payload || used + payload > quantum) break;
    const std::size_t room = state.budget ? std::min(payload, state.budget->room()) : payload;
    if (room < kSmallestPayload && !state.handshake_completed) break;  // Initials of a server are padded to that
    if (room == 0) break;
    const MutableByteView out = buffer.subspan(used, room);
    ngtcp2_path_storage& path = paths[transmit ? 1 : 0];
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    const ngtcp2_ssize written = write_packet(state, path, info, out);
    if (written < 0) {
      state.on_native_error(static_cast<int>(written));
      break;
    }
    if (written == 0) break;

    const auto size = static_cast<std::size_t>(written);
    if (!state.may_send(from_native(path.path), size)) continue;  // lost, as far as ngtcp2 can tell
    const Ecn ecn = static_cast<Ecn>(info.ecn);
    ++state.packets_sent;
    state.bytes_sent += size;
    if (!transmit) {
      transmit = Transmit{from_native(path.path), ecn, size, size};
      continue;
    }
    const bool fits =
        ngtcp2_path_eq(&path.path, &paths[0].path) != 0 && ecn == transmit->ecn && size <= transmit->segment_size;
    if (!fits) {
      state.held_back.emplace(Transmit{from_native(path.path), ecn, size, size}, to_bytes(out.first(size)));
      break;
    }
    transmit->size += size;
    if (size < transmit->segment_size) break;
  }
  if (transmit) ngtcp2_conn_update_pkt_tx_time(state.native.get(), to_native(now));
  return transmit;
}

}  // namespace quicket::quic
