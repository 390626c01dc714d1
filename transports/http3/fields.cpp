#include "transports/http3/fields.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <nghttp3/nghttp3.h>

namespace quicket::transports {

namespace {

// Fields that speak of one HTTP/1.1 connection (RFC 9114 section 4.2).
constexpr std::array<std::string_view, 5> kConnectionSpecific = {"connection", "keep-alive", "proxy-connection",
                                                                 "transfer-encoding", "upgrade"};

bool is_value(std::string_view value) { return nghttp3_check_header_value(octets(as_bytes(value)), value.size()) != 0; }

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_sendable(const HttpHeader& field) {
  return !field.name.empty() && !field.name.starts_with(':') && std::ranges::none_of(field.name, is_upper) &&
         nghttp3_check_header_name(octets(as_bytes(field.name)), field.name.size()) != 0 && is_value(field.value) &&
         std::ranges::find(kConnectionSpecific, field.name) == kConnectionSpecific.end();
}

Result<FieldList> complete(FieldList fields, const std::vector<HttpHeader>& headers, bool with_length,
                           std::size_t length) {
  const std::string stated = std::to_string(length);
  const auto fits = [&](const HttpHeader& field) { return field.name != "content-length" || field.value == stated; };
  const bool sound = std::ranges::all_of(headers, is_sendable) && std::ranges::all_of(headers, fits);
  if (!sound) return make_error_code(Errc::kHttpMalformed);
  fields.insert(fields.end(), headers.begin(), headers.end());
  if (with_length && !find_header(headers, "content-length")) fields.push_back({"content-length", stated});
  return fields;
}

}  // namespace

Result<FieldList> request_fields(const HttpRequest& request) {
  const bool sound = !request.method.empty() && !request.path.empty() && is_value(request.method) &&
                     is_value(request.authority) && is_value(request.path);
  if (!sound) return make_error_code(Errc::kHttpMalformed);
  FieldList fields = {{":method", request.method}, {":scheme", "https"}, {":path", request.path}};
  if (!request.authority.empty()) fields.push_back({":authority", request.authority});
  return complete(std::move(fields), request.headers, !request.body.empty(), request.body.size());
}

Result<FieldList> response_fields(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599) return make_error_code(Errc::kHttpMalformed);
  FieldList fields = {{":status", std::to_string(response.status)}};
  return complete(std::move(fields), response.headers, may_have_body(response.status, false), response.body.size());
}

bool may_have_body(int status, bool to_head) noexcept { return !to_head && status != 204 && status != 304; }

}  // namespace quicket::transports
