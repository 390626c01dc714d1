#pragma once

#include <quicket/bytes.hpp>

#include "transports/http3/message.hpp"
#include "transports/relay/timing.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace quicket::transports {

struct RelayClientConfig {
  RelayTiming timing;
  HttpLimits limits;
  std::string software = "quicket";  // User-Agent
  std::string bearer_token;          // Authorization; empty: none
  std::size_t max_registrations = 4096;
  std::uint64_t seed = 0;  // of the pauses' randomness

  std::function<void(ByteView)> qlog;             // as in quic::Policy; all connections' text in one sink
  std::function<void(std::string_view)> key_log;  // as in quic::Policy
};

}  // namespace quicket::transports
