// HTTP/3 from the other side's bytes. Input: our role, how to cut, then chunks for several streams. Whatever the
// pieces, the codec tells the same messages, refusals and trouble, and no message is over its limits.
#include "core/quic/cursor.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "transports/http3/codec.hpp"

#include <set>
#include <sstream>

namespace quicket::transports {
namespace {

constexpr HttpLimits kLimits{.header_bytes = 512, .body_bytes = 64};

// Story tells what happened, in order.
class Story {
 public:
  void tell(const CodecEvent& event) {
    std::visit([&](const auto& happened) { on(happened); }, event);
  }
  void on(const RequestDecoded& event) {
    const auto& [method, authority, path, headers, body] = event.request;
    FUZZ_CHECK(!method.empty());
    text << "request " << event.stream << ' ' << method << ' ' << authority << ' ' << path;
    message(headers, body);
  }
  void on(const ResponseDecoded& event) {
    FUZZ_CHECK(event.response.status >= 200);
    text << "response " << event.stream << ' ' << event.response.status;
    message(event.response.headers, event.response.body);
  }
  void on(const MessageTooLarge& event) { text << "too large " << event.stream << event.head; }
  void on(const StopWanted& event) {  // nghttp3 says so with every piece of a stream that it does not know
    if (stopped.insert(event.stream).second) text << "stop " << event.stream << ' ' << event.code;
  }
  void on(const ResetWanted& event) { text << "reset " << event.stream << ' ' << event.code; }
  void on(const GoAwayDecoded& event) { text << "go away " << event.first_refused; }

  void message(const std::vector<HttpHeader>& headers, ByteView body) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : headers) {
      FUZZ_CHECK(!name.empty() && name.front() != ':' && value.find('\n') == std::string::npos);
      bytes += name.size() + value.size() + 32;
      text << ' ' << name << '=' << value;
    }
    FUZZ_CHECK(bytes <= kLimits.header_bytes && body.size() <= kLimits.body_bytes);
    text << ' ' << as_text(body);
  }

  std::ostringstream text;
  std::set<quic::StreamId> stopped;
};

// How a run gets its bytes: each chunk at once; with the end of its stream, or the end by itself; or in pieces.
struct Manner {
  bool joined_end = false;
  std::optional<std::uint32_t> cut;
};

// run reads all chunks until there is trouble, and tells the story.
std::string run(ByteView input, quic::Role role, const Manner& manner) {
  const bool server = role == quic::Role::kServer;
  const auto codec = Http3Codec::create(role, kLimits).value();
  Story story;
  FUZZ_CHECK(server ? !codec->bind(3, 7, 11) : !codec->bind(2, 6, 10));
  if (server) codec->allow_requests(4);
  for (const quic::StreamId id : {0, 4}) {
    if (!server) FUZZ_CHECK(codec->submit_request(id, {.method = id == 0 ? "GET" : "HEAD"}).has_value());
  }
  std::set<quic::StreamId> ended;
  Http3Codec::Outcome trouble;
  const auto drain = [&] {
    while (const auto event = codec->poll()) story.tell(*event);
    const auto take = [&](quic::StreamId, ByteView bytes, bool) { return std::optional(bytes.size()); };
    if (!trouble) trouble = codec->write(take);
  };
  for (quic::Cursor chunks(input); !chunks.at_end() && !trouble; drain()) {
    const std::uint8_t what = chunks.octet();
    const std::uint8_t size = chunks.octet();
    const ByteView chunk = chunks.take(std::min<std::size_t>(size, chunks.left()));
    const quic::StreamId number = what & 3;
    const quic::StreamId id = number < 2 ? number * 4 : (number - 2) * 4 + ((what & 4) != 0 ? 8 : 0) + (server ? 2 : 3);
    const bool fin = (what & 0x80) != 0, gone = (what & 0x40) != 0;
    if (ended.contains(id)) continue;
    if (fin || gone) ended.insert(id);
    const auto read = [&](ByteView piece) {
      if (!trouble) trouble = codec->read(id, piece, false);
    };
    if (manner.joined_end) {
      trouble = codec->read(id, chunk, fin);
    } else if (manner.cut) {
      fuzz::in_pieces(chunk, *manner.cut, read);
    } else if (!chunk.empty()) {
      read(chunk);
    }
    if (fin && !manner.joined_end && !trouble) trouble = codec->read(id, {}, true);
    if (!trouble && gone) trouble = codec->close(id, 0x100);
  }
  drain();
  if (trouble) story.text << "trouble " << trouble->code;
  return story.text.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const ByteView chunks = byte_view(data + 3, size - 3);
  const quic::Role role = (data[0] & 1) != 0 ? quic::Role::kServer : quic::Role::kClient;
  if ((data[0] & 2) != 0) {  // nghttp3 looks at the end before the bytes that come with it: not to be compared
    run(chunks, role, {.joined_end = true});
    return 0;
  }
  const auto cut = static_cast<std::uint32_t>(data[1] << 8 | data[2]);
  FUZZ_CHECK(run(chunks, role, {}) == run(chunks, role, {.cut = cut}));
  return 0;
}

}  // namespace quicket::transports
