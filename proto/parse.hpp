#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <span>

namespace quicket {

// Messages that anyone may have sent are read by these, never by protobuf's own functions: those write a line to
// standard error for each string that is not UTF-8, so that strangers could fill a log, or a terminal, of a program
// that embeds Quicket. Total. False: malformed, or a string that is not UTF-8; `message` then holds anything.

bool parse_message(std::span<const std::byte> bytes, google::protobuf::MessageLite& message);

// parse_json_message reads protobuf's canonical JSON. Unknown fields are ignored.
bool parse_json_message(std::span<const std::byte> text, google::protobuf::Message& message);

}  // namespace quicket
