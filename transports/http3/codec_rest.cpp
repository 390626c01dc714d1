// How a codec rests: nghttp3 goes, and comes back by being told once more what this side and the other one have said on
// their unidirectional streams, some forty bytes. What it says to that was said before.
#include "transports/http3/codec.hpp"

#include <algorithm>
#include <array>

#include <nghttp3/nghttp3.h>

namespace quicket::transports {

namespace {

constexpr std::size_t kMostHeard = 256;       // bytes
constexpr std::size_t kMostHeardStreams = 8;  // control, QPACK, and some of unknown types

}  // namespace

void Http3Codec::rest() {
  // Before the other side has said anything, it is about to.
  if (is_resting() || !bound_ || !may_rest_ || heard_.empty() || !exchanges_.empty() || !events_.empty()) return;
  nghttp3_conn_del(connection_);
  connection_ = nullptr;
}

void Http3Codec::note_heard(quic::StreamId id, ByteView bytes, bool fin) {
  if (!may_rest_) return;
  auto stream = std::ranges::find(heard_, id, &std::pair<quic::StreamId, Bytes>::first);
  if (stream == heard_.end()) stream = heard_.insert(heard_.end(), {id, Bytes()});
  stream->second.insert(stream->second.end(), bytes.begin(), bytes.end());
  std::size_t total = 0;
  for (const auto& heard : heard_) total += heard.second.size();
  if (!fin && total <= kMostHeard && heard_.size() <= kMostHeardStreams) return;
  may_rest_ = false;
  heard_ = {};
}

Http3Codec::Outcome Http3Codec::wake() {
  if (!is_resting()) return std::nullopt;
  if (auto trouble = outcome_of(begin())) return trouble;
  if (role_ == quic::Role::kServer) nghttp3_conn_set_max_client_streams_bidi(connection_, allowed_requests_);
  if (auto trouble = bind_streams()) return trouble;
  for (const auto& [id, bytes] : heard_) {
    const nghttp3_ssize result = nghttp3_conn_read_stream(connection_, id, octets(bytes), bytes.size(), 0);
    if (result < 0) return outcome_of(static_cast<int>(result));
  }
  events_.clear();
  return discard_output();
}

Http3Codec::Outcome Http3Codec::bind_streams() {
  const auto [control, encoder, decoder] = own_streams_;
  if (auto trouble = outcome_of(nghttp3_conn_bind_control_stream(connection_, control))) return trouble;
  return outcome_of(nghttp3_conn_bind_qpack_streams(connection_, encoder, decoder));
}

Http3Codec::Outcome Http3Codec::discard_output() {
  for (;;) {
    std::int64_t id = -1;
    int fin = 0;
    std::array<nghttp3_vec, 8> pieces;
    const nghttp3_ssize count = nghttp3_conn_writev_stream(connection_, &id, &fin, pieces.data(), pieces.size());
    if (count < 0) return outcome_of(static_cast<int>(count));
    if (id < 0) return std::nullopt;
    std::size_t size = 0;
    for (nghttp3_ssize i = 0; i < count; ++i) size += pieces[static_cast<std::size_t>(i)].len;
    if (auto trouble = outcome_of(nghttp3_conn_add_write_offset(connection_, id, size))) return trouble;
    if (auto trouble = outcome_of(nghttp3_conn_add_ack_offset(connection_, id, size))) return trouble;
  }
}

}  // namespace quicket::transports
