#pragma once

#include "relay/service/problem.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quicket::relay {

// check_token wants one of the tokens as Authorization: Bearer (RFC 6750 section 2.1), if there are any. nullopt: fine.
std::optional<Problem> check_token(const transports::HttpRequest& request, const std::vector<std::string>& tokens);

}  // namespace quicket::relay
