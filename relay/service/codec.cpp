#include "relay/service/codec.hpp"

#include "proto/parse.hpp"
#include "quicket/v1/problem.pb.h"

#include <google/protobuf/util/json_util.h>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <string>
#include <string_view>

namespace quicket::relay {

namespace {

using transports::find_header;
using transports::HttpRequest;
using transports::HttpResponse;

// format_of reads one media type, its parameters apart (RFC 9110 section 8.3.1).
std::optional<Format> format_of(std::string_view media_type) {
  const std::string name = boost::trim_copy(std::string(media_type.substr(0, media_type.find(';'))));
  const auto is = [&](std::string_view other) { return boost::iequals(name, other); };
  if (is("application/protobuf") || is("application/x-protobuf")) return Format::kProtobuf;
  if (is("application/json") || is("application/problem+json")) return Format::kJson;
  return std::nullopt;
}

bool looks_like_json(ByteView body) {
  const std::string_view text = as_text(body);
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

HttpResponse with_body(int status, std::string_view content_type, const std::string& body) {
  return {.status = status,
          .headers = {{"content-type", std::string(content_type)}, {"cache-control", "no-store"}},
          .body = to_bytes(as_bytes(body))};
}

std::string to_json(const google::protobuf::Message& message) {
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json);
  return written.ok() ? json + "\n" : "{}\n";
}

}  // namespace

std::optional<Format> request_format(const HttpRequest& request) {
  const auto encoding = find_header(request.headers, "content-encoding");
  if (encoding && !boost::iequals(*encoding, "identity")) return std::nullopt;
  if (const auto type = find_header(request.headers, "content-type")) return format_of(*type);
  if (looks_like_json(request.body)) return Format::kJson;
  return std::nullopt;
}

Format response_format(const HttpRequest& request) {
  std::string_view accept = find_header(request.headers, "accept").value_or("");
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    if (const auto format = format_of(accept.substr(0, comma))) return *format;
    accept = comma == std::string_view::npos ? std::string_view() : accept.substr(comma + 1);
  }
  return request_format(request).value_or(Format::kJson);
}

bool decode(ByteView body, Format format, google::protobuf::Message& message) {
  return format == Format::kProtobuf ? parse_message(body, message) : parse_json_message(body, message);
}

HttpResponse encode(const google::protobuf::Message& message, Format format) {
  if (format == Format::kJson) return with_body(200, "application/json", to_json(message));
  return with_body(200, "application/protobuf", message.SerializeAsString());
}

HttpResponse encode_problem(const Problem& problem, Format format) {
  const ProblemFacts& kind = facts(problem.kind);
  v1::Problem message;
  message.set_type(std::string(kind.type));
  message.set_title(std::string(kind.title));
  message.set_status(static_cast<std::uint32_t>(kind.status));
  message.set_detail(problem.detail);
  HttpResponse response = format == Format::kJson
                              ? with_body(kind.status, "application/problem+json", to_json(message))
                              : with_body(kind.status, "application/protobuf", message.SerializeAsString());
  response.headers.insert(response.headers.end(), problem.headers.begin(), problem.headers.end());
  return response;
}

void write_address(const Address& address, v1::Address& message) {
  message.set_ip(std::string(as_text(address.ip())));
  message.set_port(address.port());
}

}  // namespace quicket::relay
