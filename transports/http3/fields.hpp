#pragma once

#include <quicket/error.hpp>

#include "transports/http3/message.hpp"

#include <vector>

namespace quicket::transports {

// FieldList is a message's head as it goes on the wire: pseudo-header fields first, then the rest with a
// content-length.
using FieldList = std::vector<HttpHeader>;

// request_fields and response_fields check what the application gave and make its head (RFC 9114 section 4.3).
// Errors: kHttpMalformed (a name that is not lower-case or not a token, a connection-specific field, a value with
// control characters, a content-length that is not the body's, a status outside 200..599).
Result<FieldList> request_fields(const HttpRequest& request);
Result<FieldList> response_fields(const HttpResponse& response);

// may_have_body: responses to HEAD and those with 204 or 304 have none (RFC 9110 section 6.4.1).
bool may_have_body(int status, bool to_head) noexcept;

}  // namespace quicket::transports
