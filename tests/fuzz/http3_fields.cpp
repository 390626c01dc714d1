// HTTP/3 heads, built from the input's strings, so that the fuzzer need not know QPACK. What our side agrees to send
// arrives as it was given, or is refused as one message; a liar, who sends the same strings as field lines unchecked,
// loses no more than the connection.
#include "core/quic/cursor.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "transports/http3/codec.hpp"
#include "transports/http3/error_code.hpp"

namespace quicket::transports {
namespace {

constexpr HttpLimits kLimits{.header_bytes = 1024, .body_bytes = 256};

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

// put_number writes an integer with a prefix of `bits` (RFC 9204 section 4.1.1); all are under 384 here.
void put_number(Bytes& out, unsigned first, unsigned bits, std::size_t value) {
  const std::size_t most = (1u << bits) - 1;
  if (value < most) return out.push_back(std::byte(first | value));
  out.push_back(std::byte(first | most));
  for (value -= most; value >= 0x80; value >>= 7) out.push_back(std::byte(0x80 | value));
  out.push_back(std::byte(value));
}

// literal_head is a HEADERS frame of literal field lines with literal names (RFC 9204 section 4.5.6): nothing is
// checked.
Bytes literal_head(const std::vector<HttpHeader>& fields) {
  Bytes section(2);
  for (const auto& [name, value] : fields) {
    put_number(section, 0x20, 3, name.size());
    append(section, as_bytes(name));
    put_number(section, 0, 7, value.size());
    append(section, as_bytes(value));
  }
  Bytes frame{std::byte{1}, std::byte(0x40 | section.size() >> 8), std::byte(section.size())};
  append(frame, section);
  return frame;
}

struct Arrived {
  std::optional<HttpRequest> request;
  std::optional<HttpResponse> response;
};

// read_stream gives stream 0 to the codec. What harms the connection comes from a liar, and says so: nghttp3 does not
// end the stream alone when a body is not as long as its head stated.
Arrived read_stream(Http3Codec& codec, ByteView bytes, std::uint32_t cut, bool liar = false) {
  Arrived arrived;
  Http3Codec::Outcome trouble;
  fuzz::in_pieces(bytes, cut, [&](ByteView piece) {
    if (!trouble) trouble = codec.read(0, piece, false);
  });
  if (!trouble) trouble = codec.read(0, {}, true);
  FUZZ_CHECK(!trouble || (liar && trouble->code == wire(Http3Code::kMessageError)));
  while (auto event = codec.poll()) {
    if (auto* request = std::get_if<RequestDecoded>(&*event)) arrived.request = std::move(request->request);
    if (auto* response = std::get_if<ResponseDecoded>(&*event)) arrived.response = std::move(response->response);
  }
  return arrived;
}

// written gives what the codec sends on stream 0.
Bytes written(Http3Codec& codec) {
  Bytes bytes;
  const auto trouble = codec.write([&](quic::StreamId id, ByteView more, bool) {
    if (id == 0) append(bytes, more);
    return std::optional(more.size());
  });
  FUZZ_CHECK(!trouble);
  return bytes;
}

// is_from: nothing but what was given, in its order, and a content-length. nghttp3 leaves out a host field that is
// none.
bool is_from(const std::vector<HttpHeader>& given, const std::vector<HttpHeader>& arrived) {
  std::size_t next = 0;
  for (const HttpHeader& field : given) {
    const bool there = next < arrived.size() && arrived[next].name == field.name && arrived[next].value == field.value;
    if (!there && field.name != "host") return false;
    if (there) ++next;
  }
  return next == arrived.size() || (next + 1 == arrived.size() && arrived[next].name == "content-length");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostFields = 24;
  quic::Cursor input(byte_view(data, size));
  const std::uint8_t mode = input.octet();
  const auto cut = static_cast<std::uint32_t>(input.number(2));
  const auto text = [&] {
    return std::string(as_text(input.take(std::min<std::size_t>(input.octet(), input.left()))));
  };
  const auto server = Http3Codec::create(quic::Role::kServer, kLimits).value();
  const auto client = Http3Codec::create(quic::Role::kClient, kLimits).value();
  FUZZ_CHECK(!client->bind(2, 6, 10) && !server->bind(3, 7, 11));
  server->allow_requests(1);

  HttpRequest request{.method = text(), .authority = text(), .path = text(), .headers = {}, .body = {}};
  HttpResponse response{.status = static_cast<int>(input.number(2) % 700), .headers = {}, .body = {}};
  const Bytes body((mode & 0x0f), std::byte{'b'});
  while (!input.at_end() && request.headers.size() < kMostFields) request.headers.push_back({text(), text()});
  response.headers = request.headers;
  request.body = response.body = body;

  if ((mode & 0x80) != 0) {  // a liar's head
    std::vector<HttpHeader> fields{{":method", request.method}, {":scheme", "https"}, {":path", request.path}};
    if (!request.authority.empty()) fields.push_back({":authority", request.authority});
    if ((mode & 0x40) != 0) fields.clear();
    fields.insert(fields.end(), request.headers.begin(), request.headers.end());
    const Arrived arrived = read_stream(*server, literal_head(fields), cut, true);
    FUZZ_CHECK(!arrived.request || !arrived.request->method.empty());
  } else if ((mode & 0x40) != 0) {  // our request
    if (!client->submit_request(0, request)) return 0;
    const Arrived arrived = read_stream(*server, written(*client), cut);
    if (!arrived.request) return 0;
    FUZZ_CHECK(arrived.request->method == request.method && arrived.request->path == request.path);
    FUZZ_CHECK(arrived.request->body == body && is_from(request.headers, arrived.request->headers));
  } else {  // our response
    FUZZ_CHECK(client->submit_request(0, {.authority = "a"}).has_value() &&
               read_stream(*server, written(*client), cut).request);
    if (!server->submit_response(0, response)) return 0;
    const Arrived arrived = read_stream(*client, written(*server), cut);
    if (!arrived.response) return 0;
    FUZZ_CHECK(arrived.response->status == response.status);
    FUZZ_CHECK(arrived.response->body.empty() || arrived.response->body == body);
    FUZZ_CHECK(is_from(response.headers, arrived.response->headers));
  }
  return 0;
}

}  // namespace quicket::transports
