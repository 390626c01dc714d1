#pragma once

#include "relay/service/codec.hpp"
#include "relay/service/problem.hpp"

#include <boost/system/result.hpp>

#include <string>

namespace quicket::relay {

inline Problem malformed(std::string detail) { return {ProblemKind::kMalformed, std::move(detail)}; }

// check_body checks what needs no parsing: size, media type, encoding.
boost::system::result<Format, Problem> check_body(const transports::HttpRequest& request, std::size_t most);

// read_body reads a request's body of at most `most` bytes as a message.
template <class Message>
boost::system::result<Message, Problem> read_body(const transports::HttpRequest& request, std::size_t most) {
  const auto format = check_body(request, most);
  if (!format) return format.error();
  Message message;
  if (!decode(request.body, *format, message)) {
    return malformed("the body is not a " + message.GetDescriptor()->name() + " message; see docs/protocol.md");
  }
  return message;
}

}  // namespace quicket::relay
