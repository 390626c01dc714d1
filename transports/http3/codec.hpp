#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "core/base/fifo.hpp"
#include "core/quic/types.hpp"
#include "transports/http3/assembly.hpp"
#include "transports/http3/message.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

struct nghttp3_conn;

namespace quicket::transports {

// What received bytes meant, in order, through Http3Codec::poll().
struct RequestDecoded {
  quic::StreamId stream;
  HttpRequest request;
};
struct ResponseDecoded {
  quic::StreamId stream;
  HttpResponse response;
};
// MessageTooLarge: its head or its body is over the limit; the rest is not kept.
struct MessageTooLarge {
  quic::StreamId stream;
  bool head;
};
// StopWanted: STOP_SENDING is to be sent, ResetWanted: RESET_STREAM.
struct StopWanted {
  quic::StreamId stream;
  std::uint64_t code;
};
struct ResetWanted {
  quic::StreamId stream;
  std::uint64_t code;
};
// GoAwayDecoded: RFC 9114 section 5.2.
struct GoAwayDecoded {
  std::int64_t first_refused;
};

using CodecEvent =
    std::variant<RequestDecoded, ResponseDecoded, MessageTooLarge, StopWanted, ResetWanted, GoAwayDecoded>;

// Http3Codec is one connection's HTTP/3 (RFC 9114) without its QUIC: bytes of streams in, messages out, and back.
// Field sections are coded without the dynamic table (RFC 9204), so no stream ever waits for another.
// After a Trouble nothing but destruction is left.
// Thread safety: none; one thread at a time.
class Http3Codec {
 public:
  // Trouble ends the connection: an error code of RFC 9114 section 8.1 or RFC 9204 section 6, and its reason.
  struct Trouble {
    std::uint64_t code = 0;
    std::string text;
  };
  using Outcome = std::optional<Trouble>;

  // create makes the codec of a client or server. Errors: kOutOfResources.
  static Result<std::unique_ptr<Http3Codec>> create(quic::Role role, const HttpLimits& limits);
  ~Http3Codec();
  Http3Codec(const Http3Codec&) = delete;
  Http3Codec& operator=(const Http3Codec&) = delete;

  // bind names the three unidirectional streams of this side. Before it, nothing is written.
  [[nodiscard]] Outcome bind(quic::StreamId control, quic::StreamId encoder, quic::StreamId decoder);
  bool is_bound() const noexcept { return bound_; }

  // read takes received bytes of a stream, whole or not.
  [[nodiscard]] Outcome read(quic::StreamId id, ByteView bytes, bool fin);

  // poll takes the next event.
  std::optional<CodecEvent> poll();

  // write offers what streams are to send to `take` until there is no more. It answers how many bytes it took; fewer
  // than offered block the stream until unblock(); nullopt: the stream takes none any more. `fin` counts when all was
  // taken.
  using Take = std::function<std::optional<std::size_t>(quic::StreamId id, ByteView bytes, bool fin)>;
  [[nodiscard]] Outcome write(const Take& take);
  void unblock(quic::StreamId id);

  // submit_* queue a message. Errors: kHttpMalformed, kHttpGoingAway (client: after GOAWAY), kStreamUnknown (server).
  Result<void> submit_request(quic::StreamId id, HttpRequest request);
  Result<void> submit_response(quic::StreamId id, HttpResponse response);

  // stop_reading and stop_writing give up one direction of a request's stream. What was still to be decoded is not.
  [[nodiscard]] Outcome stop_reading(quic::StreamId id);
  void stop_writing(quic::StreamId id);
  // close is to be called when QUIC has closed a stream.
  [[nodiscard]] Outcome close(quic::StreamId id, std::uint64_t code);

  // announce_shutdown tells a client that GOAWAY is near, shut_down sends it: requests seen so far are the last.
  [[nodiscard]] Outcome announce_shutdown();
  [[nodiscard]] Outcome shut_down();

  // allow_requests says how many requests, in all, the client may have begun (server).
  void allow_requests(std::uint64_t total);

  // rest lets nghttp3 go, some 14 kB, until the codec is used again. Only while no request's stream is open, and after
  // write(); without effect when what has to be kept in its stead is not small.
  void rest();
  bool is_resting() const noexcept { return connection_ == nullptr; }

 private:
  // Exchange is what one request's stream holds on this side.
  struct Exchange {
    explicit Exchange(const HttpLimits& limits) : incoming(limits) {}
    MessageAssembly incoming;
    bool is_over = false;  // delivered, refused or given up
    bool is_head = false;  // the method is HEAD
    Bytes outgoing;        // body, borrowed by nghttp3 until written
    bool is_body_given = false;
  };
  struct Callbacks;

  Http3Codec(quic::Role role, const HttpLimits& limits) : role_(role), limits_(limits) {}
  Exchange& exchange(quic::StreamId id);
  void check_limits(quic::StreamId id, Exchange& exchange);
  void finish(quic::StreamId id);
  Outcome outcome_of(int result) const;

  // codec_rest.cpp
  int begin();
  Outcome wake();
  Outcome bind_streams();
  Outcome discard_output();
  void note_heard(quic::StreamId id, ByteView bytes, bool fin);

  quic::Role role_;
  HttpLimits limits_;
  nghttp3_conn* connection_ = nullptr;  // while it does not rest
  bool bound_ = false;
  std::array<quic::StreamId, 3> own_streams_{};  // once bound: control, encoder, decoder
  std::uint64_t allowed_requests_ = 0;
  bool may_rest_ = true;                                 // what was heard and said can be said again
  std::vector<std::pair<quic::StreamId, Bytes>> heard_;  // all that came on each unidirectional stream of theirs
  std::map<quic::StreamId, Exchange> exchanges_;
  Fifo<CodecEvent> events_;
};

}  // namespace quicket::transports
