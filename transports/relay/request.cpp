#include "transports/relay/request.hpp"

#include "proto/parse.hpp"
#include "quicket/v1/problem.pb.h"
#include "quicket/v1/registration.pb.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace quicket::transports {

namespace {

constexpr std::string_view kProtobuf = "application/protobuf";
constexpr std::string_view kAnsweredElsewhere = "quicket:answered-elsewhere";

HttpRequest request(const RequestFrame& frame, std::string method, std::string path) {
  return framed(frame, {.method = std::move(method),
                        .path = std::move(path),
                        .headers = {{"accept", std::string(kProtobuf)}},
                        .body = {}});
}

HttpRequest post(const RequestFrame& frame, std::string path, const google::protobuf::MessageLite& message) {
  HttpRequest post = request(frame, "POST", std::move(path));
  post.headers.push_back({"content-type", std::string(kProtobuf)});
  post.body = to_bytes(as_bytes(message.SerializeAsString()));
  return post;
}

std::string text(ByteView bytes) { return std::string(as_text(bytes)); }

bool parse(const HttpResponse& response, google::protobuf::MessageLite& message) {
  return response.body.size() <= HttpLimits{}.body_bytes && parse_message(response.body, message);
}

std::optional<Address> read_address(const v1::Address& message) {
  if (message.port() == 0 || message.port() > 65535) return std::nullopt;
  const auto address = Address::from(as_bytes(message.ip()), static_cast<std::uint16_t>(message.port()));
  return address ? std::optional(*address) : std::nullopt;
}

std::optional<Grant> read_grant(const HttpResponse& response, const IdWindow& asked) {
  v1::RegisterResponse message;
  if (!parse(response, message)) return std::nullopt;
  const bool is_part = message.first() >= asked.first && message.first() < asked.end() && message.num() > 0 &&
                       message.num() <= asked.end() - message.first();
  const auto observed = read_address(message.observed());
  const bool can_be_passed_on =
      message.peer_token().size() <= kMaxPeerToken &&
      std::ranges::all_of(message.peer_token(), [](char c) { return c > ' ' && c <= '~'; });  // as an offer takes it
  if (!is_part || !observed || message.lease_seconds() == 0 || !can_be_passed_on) return std::nullopt;
  Grant grant{
      .window = {.first = message.first(), .num = message.num()},
      .observed = *observed,
      .public_addresses = {},
      .lease = std::clamp<Duration>(std::chrono::seconds(message.lease_seconds()), kShortestLease, kLongestLease),
      .peer_token = message.peer_token()};
  for (const v1::Address& one : message.public_addresses()) {
    const auto address = read_address(one);
    const bool is_place = address && !address->is_unspecified() && !address->is_multicast();  // else no offer takes it
    if (is_place && grant.public_addresses.size() < kMaxPublicAddresses) grant.public_addresses.push_back(*address);
  }
  return grant;
}

// retry_after reads seconds; a date (RFC 9110 section 10.2.3) is as good as nothing here.
std::optional<Duration> retry_after(const HttpResponse& response) {
  const auto field = find_header(response.headers, "retry-after");
  if (!field) return std::nullopt;
  std::uint32_t seconds = 0;
  const char* const last = field->data() + field->size();
  const auto [end, failed] = std::from_chars(field->data(), last, seconds);
  if (failed != std::errc{} || end != last) return std::nullopt;
  return std::chrono::seconds(seconds);
}

Denial read_denial(const HttpResponse& response, const std::string& relay) {
  v1::Problem problem;
  const auto type = find_header(response.headers, "content-type");
  if (type != kProtobuf || !parse(response, problem)) problem.Clear();
  std::string said = printable(problem.detail().empty() ? problem.title() : problem.detail());
  if (said.empty()) said = "HTTP status " + std::to_string(response.status);

  const int status = response.status;
  const bool is_for_now = status == 408 || status == 425 || status == 429 || status >= 500;
  Errc code = Errc::kRelayRefused;
  if (status == 429 || status == 503) code = Errc::kRelayOverQuota;
  if (status == 409 && problem.type() == kAnsweredElsewhere) code = Errc::kAnsweredElsewhere;
  return {.why = {code, "relay " + relay + " refuses: " + said},
          .final = !is_for_now,
          .unproven = status == 403,
          .retry_after = retry_after(response)};
}

}  // namespace

HttpRequest register_request(const RequestFrame& frame, const PeerId::Key& key, const RelaySessionId& session,
                             const IdWindow& window, const std::string& peer_token,
                             const std::optional<RegistrationProof>& proof) {
  v1::RegisterRequest message;
  message.set_key(text(key));
  message.set_num(window.num);
  message.set_first(window.first);
  message.set_session(text(session));
  if (proof) message.set_proof(text(*proof));
  message.set_peer_token(peer_token);
  return post(frame, "/v1/register", message);
}

HttpRequest release_request(const RequestFrame& frame, const PeerId::Key& key, const RelaySessionId& session,
                            const std::optional<RegistrationProof>& proof) {
  v1::ReleaseRequest message;
  message.set_key(text(key));
  message.set_session(text(session));
  if (proof) message.set_proof(text(*proof));
  return post(frame, "/v1/release", message);
}

HttpRequest framed(const RequestFrame& frame, HttpRequest request) {
  request.authority = frame.authority;
  if (!frame.software.empty()) request.headers.push_back({"user-agent", frame.software});
  if (!frame.bearer_token.empty()) request.headers.push_back({"authorization", "Bearer " + frame.bearer_token});
  return request;
}

HttpRequest info_request(const RequestFrame& frame) { return request(frame, "GET", "/v1/info"); }

std::variant<Grant, Denial> read_register_answer(const HttpResponse& response, const IdWindow& asked,
                                                 const std::string& relay) {
  if (response.status != 200) return read_denial(response, relay);
  if (auto grant = read_grant(response, asked)) return std::move(*grant);
  return Denial{
      .why = {Errc::kRelayRefused, "relay " + relay + " answers something that is no grant of what was asked for"},
      .retry_after = std::nullopt};
}

std::optional<std::size_t> read_info_answer(const HttpResponse& response) {
  v1::Info info;
  if (response.status != 200 || find_header(response.headers, "content-type") != kProtobuf || !parse(response, info))
    return std::nullopt;
  if (info.connection_id_length() == 0) return std::nullopt;
  return info.connection_id_length();
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string clean(text.substr(0, kMost));
  std::ranges::replace_if(
      clean, [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

}  // namespace quicket::transports
