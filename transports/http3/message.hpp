#pragma once

#include <quicket/bytes.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket::transports {

// HttpHeader is one field (RFC 9110 section 5); names are lower case on the wire (RFC 9114 section 4.2).
struct HttpHeader {
  std::string name;
  std::string value;
};

// HttpRequest is a whole request: our exchanges are small, so bodies are never streamed.
struct HttpRequest {
  std::string method = "GET";
  std::string authority;
  std::string path = "/";
  std::vector<HttpHeader> headers;
  Bytes body;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;
  Bytes body;
};

// find_header gives the value of the first field with this lower-case name; nullopt when there is none.
inline std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

// HttpLimits bound what one side takes from the other.
struct HttpLimits {
  std::size_t header_bytes = 16 * 1024;  // names, values and 32 bytes each (RFC 9114 section 4.2.2)
  std::size_t body_bytes = 64 * 1024;
  std::size_t requests = 16;                                             // at once on one connection
  std::chrono::nanoseconds request_deadline = std::chrono::seconds(10);  // from first to last byte
};

}  // namespace quicket::transports
