#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quicket::plugin {

// What a relay's bodies say; they come from elsewhere and may be anything. Total: any bytes, no throw.

// read_message_id finds the "id" of a message as it goes into a path: 1 to 64 letters and digits. Nothing otherwise.
std::optional<std::string> read_message_id(std::string_view body);

// read_run finds the "run" of a relay: 1 to 64 letters and digits. Nothing otherwise.
std::optional<std::string> read_run(std::string_view body);

// read_keep finds for how long a relay keeps what was left there, in milliseconds: at most a week. 0 when it does not
// tell.
std::int64_t read_keep(std::string_view body);

// read_problem gives the "detail" of a problem (RFC 9457) for a person: printable, at most 200 characters. Empty when
// there is none.
std::string read_problem(std::string_view body);

}  // namespace quicket::plugin
