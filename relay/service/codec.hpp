#pragma once

#include <quicket/address.hpp>

#include "quicket/v1/address.pb.h"
#include "relay/service/problem.hpp"
#include "transports/http3/message.hpp"

#include <google/protobuf/message.h>

#include <optional>

namespace quicket::relay {

// Format is how a message is written: as protobuf, or as its canonical JSON.
enum class Format { kProtobuf, kJson };

// request_format is the format of a request's body: by its content type, or, when it has none, JSON if the body starts
// with '{'. nullopt: neither, or an encoding such as gzip.
std::optional<Format> request_format(const transports::HttpRequest& request);

// response_format is what the client takes: the first of ours that its Accept field names, else its request's own, else
// JSON, which a person can read.
Format response_format(const transports::HttpRequest& request);

// decode reads a body into `message`; false when it is malformed or a value is out of range. Unknown fields are
// ignored.
bool decode(ByteView body, Format format, google::protobuf::Message& message);

// encode makes a response with this message as its body; encode_problem one that reports a problem.
transports::HttpResponse encode(const google::protobuf::Message& message, Format format);
transports::HttpResponse encode_problem(const Problem& problem, Format format);

void write_address(const Address& address, v1::Address& message);

}  // namespace quicket::relay
