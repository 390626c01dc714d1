#include "transports/http3/codec.hpp"

#include "transports/http3/error_code.hpp"
#include "transports/http3/fields.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <nghttp3/nghttp3.h>
#include <boost/assert.hpp>

namespace quicket::transports {

namespace {

ByteView view(nghttp3_rcbuf* buffer) {
  const nghttp3_vec piece = nghttp3_rcbuf_get_buf(buffer);
  return byte_view(piece.base, piece.len);
}

std::uint8_t* mutable_octets(std::string_view text) {  // nghttp3 takes them as not const but only reads
  return const_cast<std::uint8_t*>(octets(as_bytes(text)));
}

// The views point into `fields`.
std::vector<nghttp3_nv> name_values(const FieldList& fields) {
  std::vector<nghttp3_nv> list;
  list.reserve(fields.size());
  for (const HttpHeader& field : fields) {
    list.push_back({mutable_octets(field.name), mutable_octets(field.value), field.name.size(), field.value.size(),
                    NGHTTP3_NV_FLAG_NONE});
  }
  return list;
}

}  // namespace

// Callbacks are nghttp3's; all of them only note what happened.
struct Http3Codec::Callbacks {
  static Http3Codec& codec(void* user) { return *static_cast<Http3Codec*>(user); }

  static int begin_headers(nghttp3_conn*, std::int64_t id, void* user, void*) {
    codec(user).exchange(id);
    return 0;
  }

  static int receive_header(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value,
                            std::uint8_t, void* user, void*) {
    Exchange& exchange = codec(user).exchange(id);
    exchange.incoming.add_field(as_text(view(name)), as_text(view(value)));
    if (as_text(view(name)) == ":method") exchange.is_head = as_text(view(value)) == "HEAD";
    codec(user).check_limits(id, exchange);
    return 0;
  }

  static int end_headers(nghttp3_conn*, std::int64_t id, int, void* user, void*) {
    codec(user).exchange(id).incoming.end_head();
    return 0;
  }

  static int receive_trailer(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value,
                             std::uint8_t, void* user, void*) {
    Exchange& exchange = codec(user).exchange(id);
    exchange.incoming.add_trailer(as_text(view(name)), as_text(view(value)));
    codec(user).check_limits(id, exchange);
    return 0;
  }

  static int receive_data(nghttp3_conn*, std::int64_t id, const std::uint8_t* data, std::size_t size, void* user,
                          void*) {
    Exchange& exchange = codec(user).exchange(id);
    if (!exchange.is_over) exchange.incoming.add_body(byte_view(data, size));
    codec(user).check_limits(id, exchange);
    return 0;
  }

  static int end_stream(nghttp3_conn*, std::int64_t id, void* user, void*) {
    codec(user).finish(id);
    return 0;
  }

  static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    codec(user).events_.push_back(StopWanted{id, code});
    return 0;
  }

  static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    codec(user).events_.push_back(ResetWanted{id, code});
    return 0;
  }

  static int shutdown(nghttp3_conn*, std::int64_t id, void* user) {
    codec(user).may_rest_ = false;
    codec(user).events_.push_back(GoAwayDecoded{id});
    return 0;
  }

  static nghttp3_ssize read_body(nghttp3_conn*, std::int64_t id, nghttp3_vec* pieces, std::size_t, std::uint32_t* flags,
                                 void* user, void*) {
    *flags |= NGHTTP3_DATA_FLAG_EOF;
    const auto found = codec(user).exchanges_.find(id);
    if (found == codec(user).exchanges_.end() || std::exchange(found->second.is_body_given, true)) return 0;
    pieces[0] = {octets(MutableByteView(found->second.outgoing)), found->second.outgoing.size()};
    return 1;
  }
};

Result<std::unique_ptr<Http3Codec>> Http3Codec::create(quic::Role role, const HttpLimits& limits) {
  std::unique_ptr<Http3Codec> codec(new Http3Codec(role, limits));
  if (codec->begin() != 0) return make_error_code(Errc::kOutOfResources);
  return codec;
}

int Http3Codec::begin() {
  nghttp3_callbacks callbacks{};
  callbacks.begin_headers = Callbacks::begin_headers;
  callbacks.recv_header = Callbacks::receive_header;
  callbacks.end_headers = Callbacks::end_headers;
  callbacks.recv_trailer = Callbacks::receive_trailer;
  callbacks.recv_data = Callbacks::receive_data;
  callbacks.end_stream = Callbacks::end_stream;
  callbacks.stop_sending = Callbacks::stop_sending;
  callbacks.reset_stream = Callbacks::reset_stream;
  callbacks.shutdown = Callbacks::shutdown;

  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = limits_.header_bytes;
  settings.qpack_encoder_max_dtable_capacity = 0;

  const auto create =
      role_ == quic::Role::kClient ? nghttp3_conn_client_new_versioned : nghttp3_conn_server_new_versioned;
  return create(&connection_, NGHTTP3_CALLBACKS_VERSION, &callbacks, NGHTTP3_SETTINGS_VERSION, &settings,
                nghttp3_mem_default(), this);
}

Http3Codec::~Http3Codec() { nghttp3_conn_del(connection_); }

Http3Codec::Outcome Http3Codec::outcome_of(int result) const {
  if (result >= 0) return std::nullopt;
  return Trouble{nghttp3_err_infer_quic_app_error_code(result), nghttp3_strerror(result)};
}

Http3Codec::Exchange& Http3Codec::exchange(quic::StreamId id) {
  return exchanges_.try_emplace(id, limits_).first->second;
}

void Http3Codec::check_limits(quic::StreamId id, Exchange& exchange) {
  const MessageAssembly::Verdict verdict = exchange.incoming.verdict();
  if (exchange.is_over || verdict == MessageAssembly::Verdict::kFine) return;
  exchange.is_over = true;
  events_.push_back(MessageTooLarge{id, verdict == MessageAssembly::Verdict::kHeadersTooLarge});
}

void Http3Codec::finish(quic::StreamId id) {
  Exchange& ended = exchange(id);
  if (std::exchange(ended.is_over, true)) return;
  if (role_ == quic::Role::kServer) {
    events_.push_back(RequestDecoded{id, ended.incoming.take_request()});
  } else {
    events_.push_back(ResponseDecoded{id, ended.incoming.take_response()});
  }
}

Http3Codec::Outcome Http3Codec::bind(quic::StreamId control, quic::StreamId encoder, quic::StreamId decoder) {
  BOOST_ASSERT(!bound_);
  bound_ = true;
  own_streams_ = {control, encoder, decoder};
  return bind_streams();
}

Http3Codec::Outcome Http3Codec::read(quic::StreamId id, ByteView bytes, bool fin) {
  if (auto trouble = wake()) return trouble;
  if (quic::is_unidirectional(id)) note_heard(id, bytes, fin);
  const nghttp3_ssize result = nghttp3_conn_read_stream(connection_, id, octets(bytes), bytes.size(), fin ? 1 : 0);
  return result < 0 ? outcome_of(static_cast<int>(result)) : std::nullopt;
}

std::optional<CodecEvent> Http3Codec::poll() {
  if (events_.empty()) return std::nullopt;
  return events_.take_front();
}

Http3Codec::Outcome Http3Codec::write(const Take& take) {
  while (bound_ && !is_resting()) {
    std::int64_t id = -1;
    int fin = 0;
    std::array<nghttp3_vec, 8> pieces;
    const nghttp3_ssize count = nghttp3_conn_writev_stream(connection_, &id, &fin, pieces.data(), pieces.size());
    if (count < 0) return outcome_of(static_cast<int>(count));
    if (id < 0) break;

    const auto given = std::span(pieces).first(static_cast<std::size_t>(count));
    std::size_t offered = 0, taken = 0;
    bool gone = false;
    for (std::size_t i = 0; i < given.size() && taken == offered && !gone; ++i) {
      const auto result = take(id, byte_view(given[i].base, given[i].len), fin != 0 && i + 1 == given.size());
      offered += given[i].len;
      taken += result.value_or(0);
      gone = !result;
    }
    if (given.empty()) gone = !take(id, {}, true);
    if (gone) {
      nghttp3_conn_shutdown_stream_write(connection_, id);
      continue;
    }
    // Whoever takes bytes copies them, so that they count as acknowledged at once and nghttp3 lets go of them.
    if (auto trouble = outcome_of(nghttp3_conn_add_write_offset(connection_, id, taken))) return trouble;
    if (auto trouble = outcome_of(nghttp3_conn_add_ack_offset(connection_, id, taken))) return trouble;
    if (taken == offered) continue;
    nghttp3_conn_block_stream(connection_, id);
    if (quic::is_unidirectional(id)) may_rest_ = false;
  }
  return std::nullopt;
}

void Http3Codec::unblock(quic::StreamId id) {
  if (!is_resting()) nghttp3_conn_unblock_stream(connection_, id);
}

Result<void> Http3Codec::submit_request(quic::StreamId id, HttpRequest request) {
  const auto fields = request_fields(request);
  if (!fields) return fields.error();
  if (wake()) return make_error_code(Errc::kInternal);
  Exchange& opened = exchange(id);
  opened.is_head = request.method == "HEAD";
  opened.outgoing = std::move(request.body);
  const nghttp3_data_reader reader{Callbacks::read_body};
  const std::vector<nghttp3_nv> list = name_values(*fields);
  const int result = nghttp3_conn_submit_request(connection_, id, list.data(), list.size(),
                                                 opened.outgoing.empty() ? nullptr : &reader, nullptr);
  if (result == 0) return {};
  exchanges_.erase(id);
  return make_error_code(result == NGHTTP3_ERR_CONN_CLOSING ? Errc::kHttpGoingAway : Errc::kInternal);
}

Result<void> Http3Codec::submit_response(quic::StreamId id, HttpResponse response) {
  const auto fields = response_fields(response);
  if (!fields) return fields.error();
  if (is_resting()) return make_error_code(Errc::kStreamUnknown);
  Exchange& answered = exchange(id);
  answered.is_over = true;
  if (may_have_body(response.status, answered.is_head)) answered.outgoing = std::move(response.body);
  const nghttp3_data_reader reader{Callbacks::read_body};
  const std::vector<nghttp3_nv> list = name_values(*fields);
  const int result = nghttp3_conn_submit_response(connection_, id, list.data(), list.size(),
                                                  answered.outgoing.empty() ? nullptr : &reader);
  if (result == 0) return {};
  exchanges_.erase(id);
  return make_error_code(result == NGHTTP3_ERR_STREAM_NOT_FOUND ? Errc::kStreamUnknown : Errc::kInternal);
}

Http3Codec::Outcome Http3Codec::stop_reading(quic::StreamId id) {
  if (const auto found = exchanges_.find(id); found != exchanges_.end()) found->second.is_over = true;
  return is_resting() ? std::nullopt : outcome_of(nghttp3_conn_shutdown_stream_read(connection_, id));
}

void Http3Codec::stop_writing(quic::StreamId id) {
  if (!is_resting()) nghttp3_conn_shutdown_stream_write(connection_, id);
}

Http3Codec::Outcome Http3Codec::close(quic::StreamId id, std::uint64_t code) {
  if (auto trouble = wake()) return trouble;
  if (quic::is_unidirectional(id)) std::erase_if(heard_, [&](const auto& heard) { return heard.first == id; });
  const int result = nghttp3_conn_close_stream(connection_, id, code);
  exchanges_.erase(id);
  return result == NGHTTP3_ERR_STREAM_NOT_FOUND ? std::nullopt : outcome_of(result);
}

Http3Codec::Outcome Http3Codec::announce_shutdown() {
  BOOST_ASSERT(bound_);
  if (auto trouble = wake()) return trouble;
  may_rest_ = false;
  return outcome_of(nghttp3_conn_submit_shutdown_notice(connection_));
}

Http3Codec::Outcome Http3Codec::shut_down() {
  BOOST_ASSERT(bound_);
  if (auto trouble = wake()) return trouble;
  may_rest_ = false;
  return outcome_of(nghttp3_conn_shutdown(connection_));
}

void Http3Codec::allow_requests(std::uint64_t total) {
  allowed_requests_ = total;
  if (!is_resting()) nghttp3_conn_set_max_client_streams_bidi(connection_, total);
}

}  // namespace quicket::transports
