#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "transports/http3/request_id.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace quicket::relay {

// ConnectionHandle names an HTTP/3 connection. Never used twice.
using ConnectionHandle = std::uint64_t;

// ClientContext is what the engine knows of a request's sender.
struct ClientContext {
  ConnectionHandle connection = 0;
  transports::RequestId request{};  // by which an answer that comes later is told
  AddressPair path;                 // validated by QUIC (RFC 9000 section 8): the only address ever routed to
  std::function<Result<Bytes>(std::string_view label)> exporter;  // kProofExporterSize bytes
};

}  // namespace quicket::relay
