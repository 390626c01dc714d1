#pragma once

#include <quicket/bytes.hpp>
#include <quicket/time.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

// LinkOptions are what the owner of a connection between peers may choose.
struct LinkOptions {
  std::vector<std::string> protocols;  // the application's, in order of preference: 1 to 16 of 1 to 255 bytes
  Duration idle_timeout = std::chrono::seconds(30);
  Duration keep_alive = std::chrono::seconds(10);         // 0: none
  Duration handshake_timeout = std::chrono::seconds(30);  // from the answer on: the offer cannot be answered again
  Duration hello_timeout = std::chrono::seconds(10);      // from the end of the handshake on
  bool bbr = false;
  std::function<void(ByteView)> qlog;             // as in quic::Policy
  std::function<void(std::string_view)> key_log;  // as in quic::Policy
};

// Close codes of the engine itself (application errors, RFC 9000 section 20.2). Applications use codes below
// kEngineCodes.
constexpr std::uint64_t kEngineCodes = 0x5155'0000;
constexpr std::uint64_t kCodeControlViolation = kEngineCodes + 1;
constexpr std::uint64_t kCodeNoCommonProtocol = kEngineCodes + 2;
constexpr std::uint64_t kCodeNoHello = kEngineCodes + 3;
constexpr std::uint64_t kCodePairingRefused = kEngineCodes + 4;

}  // namespace quicket
