// The relay's answers to registration bodies. Input: requests, one after another, from several clients at one service.
// Every request is answered in kind, a grant is what a client takes for one, and no limit of the table is passed.
#include "core/quic/cursor.hpp"
#include "proto/parse.hpp"
#include "relay/service/codec.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/relay/service/support.hpp"
#include "transports/relay/request.hpp"

namespace quicket::relay {
namespace {

constexpr std::size_t kMostRequests = 12;

Limits tiny_limits() {
  Limits limits;
  limits.window = limits.bearer_window = 16;
  limits.registrations_per_address = 3, limits.ids_per_address = 40;
  limits.registrations = 6, limits.ids = 80, limits.sessions = 6;
  return limits;
}

// check_forms: what can be read as protobuf can be written as JSON, and reads as the same message.
void check_forms(ByteView body) {
  v1::RegisterRequest message, again;
  if (!decode(body, Format::kProtobuf, message)) return;
  message.DiscardUnknownFields();
  const HttpResponse json = encode(message, Format::kJson);
  FUZZ_CHECK(decode(json.body, Format::kJson, again));
  FUZZ_CHECK(again.SerializeAsString() == message.SerializeAsString());
}

// prove puts a key of ours and its proof into a body that is a RegisterRequest: no fuzzer guesses a signature.
Bytes prove(ByteView body, const ClientContext& context) {
  v1::RegisterRequest message;
  if (!parse_message(body, message)) return to_bytes(body);
  const Identity& key = message.num() % 2 == 0 ? kAliceKey : kBobKey;
  message.set_key(text(key.id().key()));
  message.set_proof(
      text(registration_proof(key, context.exporter(kRegisterExporterLabel).value(), as_bytes(message.session()))));
  return to_bytes(as_bytes(message.SerializeAsString()));
}

void check_answer(const HttpRequest& request, const HttpResponse& response) {
  FUZZ_CHECK(response.status >= 200 && response.status < 600 && response.body.size() < 4096);
  if (header(response, "content-type") != "application/protobuf") return;
  v1::Problem problem;
  if (response.status != 200) {
    FUZZ_CHECK(parse_message(response.body, problem));
    return FUZZ_CHECK(static_cast<int>(problem.status()) == response.status && !problem.type().empty());
  }
  v1::RegisterRequest asked;
  const bool ours = request.path == "/v1/register" &&
                    transports::find_header(request.headers, "content-type") == "application/protobuf" &&
                    parse_message(request.body, asked);
  if (!ours || asked.key().size() != RegistrationKey::kProvenLength) return;  // no client of ours has a bearer key
  const transports::IdWindow window{.first = std::max(asked.first(), 1u), .num = asked.num()};
  if (window.end() < window.first) return;  // no client of ours asks beyond the last counter
  FUZZ_CHECK(std::holds_alternative<transports::Grant>(transports::read_register_answer(response, window, "r")));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  quic::Cursor input(byte_view(data, size));
  const std::uint8_t manner = input.octet();
  Desk desk({.tokens = {}, .require_peer_token = (manner & 1) != 0, .peer_token_secret = Bytes(16)}, tiny_limits());
  TimePoint now = kStart;
  for (std::size_t count = 0; count < kMostRequests && !input.at_end(); ++count) {
    const std::uint8_t what = input.octet(), who = input.octet();
    ByteView body = input.take(input.number(2));
    if (!input.ok()) body = byte_view(data, size).subspan(std::min<std::size_t>(5, size));  // the only request
    if ((manner & 2) != 0) check_forms(body);
    const ClientContext context = client(who % 3, address(who % 2 == 0 ? "192.0.2.1:1111" : "198.51.100.2:2222"));
    const bool json = (what & 4) != 0;
    HttpRequest request{.method = "POST",
                        .path = (what & 3) == 3   ? "/v1/info"
                                : (what & 3) == 2 ? "/v1/release"
                                                  : "/v1/register",
                        .headers = {{"content-type", json ? "application/json" : "application/protobuf"}},
                        .body = (what & 8) != 0 ? prove(body, context) : to_bytes(body)};
    if ((what & 16) == 0) request.headers.push_back({"accept", "application/protobuf"});
    check_answer(request, desk.handle(request, context, now));
    FUZZ_CHECK(desk.table.registrations() <= 6 && desk.table.sessions() <= 6 && desk.table.routes().size() <= 80);
    now += std::chrono::seconds(what >> 5) * 20;
    while (desk.table.deadline() && *desk.table.deadline() <= now) desk.table.expire(now);
  }
  return 0;
}

}  // namespace quicket::relay
