#include "relay/service/body.hpp"

namespace quicket::relay {

boost::system::result<Format, Problem> check_body(const transports::HttpRequest& request, std::size_t most) {
  if (request.body.size() > most) {
    return Problem{ProblemKind::kTooLarge, "a request's body has at most " + std::to_string(most) + " bytes here"};
  }
  const auto format = request_format(request);
  if (!format) {
    return Problem{ProblemKind::kMediaType,
                   "send application/protobuf or application/json, without content encoding",
                   {{"accept-post", "application/protobuf, application/x-protobuf, application/json"}}};
  }
  return *format;
}

}  // namespace quicket::relay
