#include "relay/service/token.hpp"

#include "core/base/hash.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <string_view>

namespace quicket::relay {

std::optional<Problem> check_token(const transports::HttpRequest& request, const std::vector<std::string>& tokens) {
  if (tokens.empty()) return std::nullopt;

  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view field = transports::find_header(request.headers, "authorization").value_or("");
  if (!boost::istarts_with(field, kScheme)) {
    return Problem{ProblemKind::kTokenMissing,
                   "this relay serves who presents a token: Authorization: Bearer TOKEN",
                   {{"www-authenticate", "Bearer"}}};
  }
  const std::string_view presented = field.substr(kScheme.size());
  bool known = false;
  for (const std::string& token : tokens) known |= equal_in_constant_time(as_bytes(presented), as_bytes(token));
  if (known) return std::nullopt;
  return Problem{ProblemKind::kTokenRefused, "this token is not known here; ask the relay's operator for one"};
}

}  // namespace quicket::relay
